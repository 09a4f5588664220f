import { expect, test } from 'vitest';
import { contentProblems } from './content-problems.ts';

const sound: Readonly<Record<string, string>> = {
  'README.md': '# x',
  LICENSE: 'MIT',
  'package.json': JSON.stringify({
    exports: { '.': './dist/index.js', './openapi.json': './src/openapi.json' },
    dependencies: { '@gpu-clouds/core': '1.0.0' },
  }),
  'src/index.ts': "export { a } from './a.ts';",
  'dist/index.js': "export { a } from './a.js';\n// why './a.ts' is not named here",
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
};

const problems = (changes: Readonly<Record<string, string | undefined>>) => {
  const files = Object.entries({ ...sound, ...changes }).filter((entry): entry is [string, string] => !!entry[1]);
  return contentProblems(new Map(files), ['/home/me']);
};

test('a sound package has no problems', () => {
  expect(problems({})).toEqual([]);
});

test.each([
  ['a test', { 'src/index.test.ts': 'test()' }, 'src/index.test.ts is a test'],
  ['a fixture', { 'src/__fixtures__/a.json': '{}' }, 'src/__fixtures__/a.json is a test'],
  ['build info', { 'dist/.tsbuildinfo': '{}' }, "dist/.tsbuildinfo is the compiler's build information"],
  ['an .env', { '.env': 'A=1' }, '.env is a file that may hold a secret'],
  ['a path of the machine', { 'src/index.ts': "'/home/me/x'" }, "src/index.ts has the machine's path /home/me"],
  [
    'a private key',
    { 'src/index.ts': `-----BEGIN OPENSSH PRIVATE KEY-----\n${'A'.repeat(60)}` },
    'src/index.ts has a private key in it',
  ],
  ['no README', { 'README.md': undefined }, 'README.md is missing'],
  [
    'an import of a source',
    { 'dist/index.js': "import { a } from './a.ts';" },
    'dist/index.js imports ./a.ts, which is not published there',
  ],
  [
    'a dynamic import of a source',
    { 'dist/index.js': "await import('../b.ts');" },
    'dist/index.js imports ../b.ts, which is not published there',
  ],
  [
    'output of a source that is gone',
    { 'dist/index.js.map': JSON.stringify({ sources: ['../src/gone.ts'] }) },
    'dist/index.js.map points at src/gone.ts, which is not in the package: delete dist and build again',
  ],
  [
    'a dependency on the workspace',
    { 'package.json': JSON.stringify({ dependencies: { '@gpu-clouds/core': 'workspace:*' } }) },
    'package.json depends on @gpu-clouds/core workspace:*, which only this workspace can resolve',
  ],
  [
    'an export of a source',
    { 'package.json': JSON.stringify({ exports: { '.': { default: './src/index.ts' } } }) },
    'package.json points users at the source ./src/index.ts',
  ],
])('%s is a problem', (_, changes, problem) => {
  expect(problems(changes)).toEqual([problem]);
});
