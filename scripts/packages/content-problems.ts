import { posix } from 'node:path';

type Files = ReadonlyMap<string, string>;

/** Finds files that a package must not contain, or lacks. Each problem is a sentence that starts with the file. */
export function contentProblems(files: Files, machinePaths: readonly string[]): readonly string[] {
  return [
    ...['README.md', 'LICENSE'].filter((name) => !files.has(name)).map((name) => `${name} is missing`),
    ...[...files].flatMap(([path, text]) => [
      ...strangers(path),
      ...(path.endsWith('.json') && path.includes('generated') ? [] : secrets(path, text)),
      ...machinePaths.filter((place) => text.includes(place)).map((place) => `${path} has the machine's path ${place}`),
      ...(path === 'package.json' ? manifestProblems(text) : []),
      ...(/^dist\/.*\.js$/.test(path) ? sourceImports(path, text) : []),
      ...(path.endsWith('.map') ? missingSources(path, text, files) : []),
    ]),
  ];
}

const unwanted: readonly (readonly [RegExp, string])[] = [
  [/\.(test|spec|test-d)\.|(^|\/)(__fixtures__|__tests__|test)\//, 'a test'],
  [/\.tsbuildinfo$/, "the compiler's build information"],
  [/(^|\/)(\.env|\.npmrc|id_[a-z0-9]+$|.*\.pem$|.*\.key$)/, 'a file that may hold a secret'],
  [/(^|\/)(tsconfig|vitest\.config)/, 'a setting of this repository'],
];

function strangers(path: string): readonly string[] {
  return unwanted.filter(([pattern]) => pattern.test(path)).map(([, what]) => `${path} is ${what}`);
}

const secretShapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}/, 'a private key'],
  [/\b(npm|ghp|gho|ghs)_[A-Za-z0-9]{30,}/, 'a token'],
  [/\bAKIA[0-9A-Z]{16}\b/, 'an access key'],
];

function secrets(path: string, text: string): readonly string[] {
  return secretShapes.filter(([shape]) => shape.test(text)).map(([, what]) => `${path} has ${what} in it`);
}

/** Packing must have replaced everything that only pnpm understands. */
function manifestProblems(text: string): readonly string[] {
  const { dependencies = {}, exports = {}, bin = {} } = JSON.parse(text) as Record<string, Record<string, unknown>>;
  return [
    ...Object.entries(dependencies)
      .filter(([, range]) => /^(workspace|link|file|catalog):/.test(String(range)))
      .map(([name, range]) => `package.json depends on ${name} ${range}, which only this workspace can resolve`),
    ...[...JSON.stringify([exports, bin]).matchAll(/"(\.\/src\/[^"]+\.ts)"/g)].map(
      ([, target]) => `package.json points users at the source ${target}`,
    ),
  ];
}

function sourceImports(path: string, text: string): readonly string[] {
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"\n]*\.ts)['"]/g);
  return [...specifiers].map(([, specifier]) => `${path} imports ${specifier}, which is not published there`);
}

/** Finds compiled files whose source was deleted, and source maps without their source. */
function missingSources(path: string, text: string, files: Files): readonly string[] {
  const { sources = [], sourcesContent } = JSON.parse(text) as { sources?: string[]; sourcesContent?: string[] };
  if (sourcesContent) return [];
  return sources
    .map((source) => posix.join(posix.dirname(path), source))
    .filter((source) => !files.has(source))
    .map((source) => `${path} points at ${source}, which is not in the package: delete dist and build again`);
}
