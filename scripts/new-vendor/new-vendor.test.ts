import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Workspace } from './__fixtures__/workspace.ts';

const fixture = (name: string) => join(import.meta.dirname, '__fixtures__', name);
const client = 'packages/sky-forge';
const adapter = 'packages/clouds/src/sky-forge';
const simulator = 'packages/simulators/src/sky-forge';

let workspace: Workspace;
let printed: string;

beforeAll(async () => {
  workspace = await Workspace.open();
  const { code, said } = await workspace.run('node', ['scripts/new-vendor.ts', 'sky-forge', fixture('sky-forge.yaml')]);
  printed = said;
  expect({ code, said }).toMatchObject({ code: 0 });
  await workspace.linkPackage('sky-forge', ['packages/clouds', 'packages/simulators']);
}, 300_000);
afterAll(() => workspace[Symbol.asyncDispose]());

test('pnpm new-vendor keeps the document byte for byte, and writes what lint says of it into the overlay', async () => {
  expect(printed).toContain('specs/sky-forge/overlay.yaml lists what lint says of the document: 1 finding');
  expect(await readFile(workspace.path('specs/sky-forge/published.yaml'))).toEqual(
    await readFile(fixture('sky-forge.yaml')),
  );
  expect(await readFile(workspace.path('specs/sky-forge/overlay.yaml'), 'utf8')).toContain(
    '# - published.yaml #/paths/~1machines/get/operationId: Operation object should contain `operationId` field.',
  );
});

test('pnpm generate with the empty overlay of a new vendor says what to patch', async () => {
  const { code, said } = await workspace.run('node', ['scripts/generate.js', 'sky-forge']);
  expect(code).toBe(1);
  expect(said).toContain('openapi.yaml #/paths/~1machines/get/operationId: Operation object should contain');
});

test('the client of a new vendor generates, lints, compiles, and works with its mocks, and only the contract is left', async () => {
  await copyFile(fixture('overlay.yaml'), workspace.path('specs/sky-forge/overlay.yaml'));
  await copyFile(fixture('first-call.test.ts'), workspace.path(`${client}/src/first-call.test.ts`));
  const steps: readonly [string, readonly string[], string?][] = [
    ['node', ['scripts/generate.js', 'sky-forge']],
    ['node', ['scripts/generate.js']],
    ['node', ['scripts/lint-specs.ts']],
    ['biome', ['check', '--error-on-warnings', client, adapter, simulator, 'scripts/generate/vendors.ts']],
    ['tsc', ['-p', 'tsconfig.json'], client],
    ['tsc', ['-p', 'tsconfig.json'], 'packages/simulators'],
    ['tsc', ['-p', 'tsconfig.json'], 'packages/clouds'],
    ['vitest', ['run'], client],
  ];
  for (const [program, args, folder] of steps) {
    const { code, said } = await workspace.run(program, args, folder);
    expect(code, `${program} ${args.join(' ')}\n${said}`).toBe(0);
  }
  const contract = await workspace.run('vitest', ['run', 'src/sky-forge'], 'packages/clouds');
  expect(contract.code).toBe(1);
  expect(contract.said).toContain('The adapter of sky-forge does not have listOffers yet.');
}, 600_000);

test.each([
  ['a name with capitals', ['Sky_Forge', fixture('sky-forge.yaml')], '"Sky_Forge" is not a package name.'],
  ['the name of a known vendor', ['verda', fixture('sky-forge.yaml')], 'specs/verda exists already.'],
  ['a missing document', ['other', '/nowhere.yaml'], 'Cannot read /nowhere.yaml.'],
  ['a document that is not OpenAPI', ['other', fixture('overlay.yaml')], 'has no "openapi" version'],
  ['no document', ['other'], 'Usage: pnpm new-vendor NAME DOCUMENT'],
])('pnpm new-vendor refuses %s, and writes nothing', async (_, args, complaint) => {
  const { code, said } = await workspace.run('node', ['scripts/new-vendor.ts', ...args]);
  expect(code).toBe(2);
  expect(said).toContain(complaint);
  expect((await workspace.run('node', ['-e', "require('fs').accessSync('specs/other')"])).code).toBe(1);
});
