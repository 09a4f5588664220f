import { OverlayError, stringifyYaml } from '@gpu-clouds/openapi-overlay';
import { clientView } from './client-view.ts';
import { answerSchemas, emitAnswers } from './emit-answers.ts';
import { emitExamples, exampleTable } from './emit-examples.ts';
import { emitMethods } from './emit-methods.ts';
import { emitOperations } from './emit-operations.ts';
import { emitTypes } from './emit-types.ts';
import { wrongExamples } from './examples-in-document.ts';
import { diffOf, type GeneratedFile, staleFiles, writeFiles } from './generated-files.ts';
import { GenerationError } from './generation-error.ts';
import { headerLines, typescriptFile } from './header.ts';
import { lint } from './lint.ts';
import { foldOpenEnums } from './open-enums.ts';
import { listOperations } from './openapi.ts';
import { operationTable } from './operation-table.ts';
import { type PatchedDocument, patchedDocument } from './patched-document.ts';
import { otherReadmes, vendorReadme } from './readme/readmes.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface GenerateOptions {
  /** Folder that holds `specs/` and `packages/`. */
  readonly root: string;
  readonly vendors: readonly VendorRules[];
  /** Also write the code into READMEs that are no vendor's. */
  readonly readmes: boolean;
  /** Write nothing; show what is stale. */
  readonly check: boolean;
  /** Takes the report. */
  readonly print: (line: string) => void;
  /** Takes what has to be put right. */
  readonly complain: (line: string) => void;
}

/** Generates the clients' sources. False when something has to be put right; that vendor's files are as they were. */
export async function generate(options: GenerateOptions): Promise<boolean> {
  const outcomes: boolean[] = [];
  for (const rules of options.vendors) outcomes.push(await generateVendor(rules, options));
  if (options.readmes) outcomes.push(await generateReadmes(options));
  return outcomes.every((fine) => fine);
}

function generateVendor(rules: VendorRules, options: GenerateOptions): Promise<boolean> {
  const { vendor } = rules;
  return put({ name: vendor, command: `pnpm generate ${vendor}` }, options, async () => {
    const patched = await patchedDocument(options.root, rules, options.print);
    const files = await filesOf(options.root, patched, rules);
    return { files, what: `${listOperations(patched.document).length} operations` };
  });
}

function generateReadmes(options: GenerateOptions): Promise<boolean> {
  return put({ name: 'READMEs', command: 'pnpm generate' }, options, async () => {
    const files = await otherReadmes(
      options.root,
      options.vendors.map(({ vendor }) => vendor),
    );
    return { files, what: `${files.length} besides those of vendors` };
  });
}

interface Made {
  readonly files: readonly GeneratedFile[];
  /** For the report: `87 operations`. */
  readonly what: string;
}

/** Writes what is made, or shows what would be; false when something has to be put right. */
async function put(
  { name, command }: { name: string; command: string },
  { root, check, print, complain }: GenerateOptions,
  make: () => Promise<Made>,
): Promise<boolean> {
  try {
    const { files, what } = await make();
    const stale = await staleFiles(root, files);
    if (!check) await writeFiles(root, stale);
    else for (const file of stale) print(await diffOf(root, file));
    const state =
      stale.length === 0 ? 'up to date' : `${stale.length} of ${files.length} files ${check ? 'stale' : 'written'}`;
    print(`${name}: ${what}, ${state}`);
    if (check && stale.length > 0) complain(`${name}: run \`${command}\` and commit.`);
    return !check || stale.length === 0;
  } catch (error) {
    if (!(error instanceof GenerationError || OverlayError.isInstance(error))) throw error;
    complain(`${name}: ${error.message}`);
    return false;
  }
}

/** All that is generated for a vendor, checked. */
async function filesOf(
  root: string,
  { value, document, overlay, origin }: PatchedDocument,
  rules: VendorRules,
): Promise<GeneratedFile[]> {
  if (!/^3\.1\.\d+$/.test(document.openapi)) refuse([`it is OpenAPI ${document.openapi}; let the overlay make it 3.1`]);
  const specFile = `specs/${rules.vendor}/openapi.yaml`;
  const yaml = [...headerLines(origin).map((line) => `# ${line}`), stringifyYaml(value)].join('\n');
  refuse(await lint(yaml, specFile));
  refuse(wrongExamples(document));

  const entries = listOperations(document);
  const table = operationTable(document, rules);
  const folded = structuredClone(document);
  foldOpenEnums(folded);
  const generated = `packages/${rules.vendor}/src/generated`;
  const typescript = (name: string, lines: readonly string[]) => ({
    path: `${generated}/${name}`,
    text: typescriptFile(origin, lines),
  });
  return [
    { path: specFile, text: yaml },
    { path: `${generated}/openapi.json`, text: `${JSON.stringify(value, null, 2)}\n` },
    typescript('types.ts', await emitTypes(clientView(document, rules))),
    typescript('operations.ts', emitOperations(table)),
    typescript('methods.ts', emitMethods(document, table, rules)),
    typescript('examples.ts', emitExamples(exampleTable(document, entries))),
    typescript('answers.ts', emitAnswers(answerSchemas(folded, listOperations(folded)))),
    await vendorReadme(root, { vendor: rules.vendor, document, overlay, table }),
  ];
}

function refuse(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new GenerationError(`the patched document is not sound:\n${complaints.join('\n')}`);
}
