import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

export interface UndocumentedName {
  /** `packages/core/src/clock.ts:12` */
  readonly place: string;
  /** `Clock`, or `Clock.now` for a member. */
  readonly name: string;
}

/** The TypeScript files that a package's `exports` name, from the root. Those in `test/` are not published. */
export async function entryPoints(root: string, folder: string): Promise<string[]> {
  const { exports = {} } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  return Object.values<string>(exports)
    .filter((file) => file.endsWith('.ts') && !file.startsWith('./test/'))
    .map((file) => join(root, folder, file));
}

/**
 * Names that `entries` export, and public members of exported interfaces, classes and object types, however deep, without a
 * word of TSDoc. What is generated says what the vendor's document says, which may be nothing, and is left out.
 */
export function undocumentedNames(root: string, entries: readonly string[]): UndocumentedName[] {
  const program = ts.createProgram(entries, options, ownFilesOnly());
  const checker = program.getTypeChecker();
  const names = entries.flatMap((entry) => {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    return module ? checker.getExportsOfModule(module).flatMap((symbol) => [...namesOf(symbol, checker)]) : [];
  });
  const missing = names.filter(({ symbol }) => symbol.getDocumentationComment(checker).length === 0);
  const unique = new Map(missing.map(({ symbol, name }) => [symbol, { place: placeOf(symbol, root), name }]));
  return [...unique.values()].filter(({ place }) => !/(^|\/)(generated|node_modules)\//.test(place));
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  // Names and words are wanted, not types.
  noLib: true,
  types: [],
  noEmit: true,
  skipLibCheck: true,
  strict: true,
};

/** Other people's packages are left unread: they are most of the work, and their words are not ours to write. */
function ownFilesOnly(): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, file) =>
    literals.map(({ text }) => {
      const own = text.startsWith('.') || text.startsWith('@gpu-clouds/');
      return own ? ts.resolveModuleName(text, file, options, host) : { resolvedModule: undefined };
    });
  return host;
}

interface PublicName {
  readonly symbol: ts.Symbol;
  readonly name: string;
}

function* namesOf(exported: ts.Symbol, checker: ts.TypeChecker): Generator<PublicName> {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  yield { symbol, name: exported.name };
  for (const declaration of symbol.declarations ?? []) yield* memberNames(declaration, exported.name, checker);
}

function* memberNames(shape: ts.Node, path: string, checker: ts.TypeChecker): Generator<PublicName> {
  for (const member of membersOf(shape)) {
    const symbol = isPublic(member) && member.name && checker.getSymbolAtLocation(member.name);
    if (!symbol) continue;
    const name = `${path}.${symbol.name}`;
    yield { symbol, name };
    if (ts.isPropertySignature(member) && member.type) yield* memberNames(member.type, name, checker);
  }
}

/** Of a union none: it is told as a whole. */
function membersOf(shape: ts.Node): readonly (ts.ClassElement | ts.TypeElement)[] {
  if (ts.isInterfaceDeclaration(shape) || ts.isClassDeclaration(shape) || ts.isTypeLiteralNode(shape)) {
    return [...shape.members];
  }
  if (ts.isTypeAliasDeclaration(shape)) return membersOf(shape.type);
  return ts.isIntersectionTypeNode(shape) ? shape.types.flatMap(membersOf) : [];
}

function isPublic(member: ts.ClassElement | ts.TypeElement): boolean {
  if (member.name === undefined || !ts.isIdentifier(member.name)) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override;
  return (ts.getCombinedModifierFlags(member) & hidden) === 0;
}

function placeOf({ declarations: [declaration] = [] }: ts.Symbol, root: string): string {
  if (!declaration) return '';
  const file = declaration.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(declaration.getStart(file));
  return `${relative(root, file.fileName).split(sep).join('/')}:${line + 1}`;
}
