import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vendors } from './generate/vendors.ts';

/** Code outside the vendors' folders that may name a vendor, and why. `pnpm new-vendor` needs no edit there. */
const exceptions: Readonly<Record<string, string>> = {
  'scripts/generate/vendors.ts': 'the list of vendors, to which pnpm new-vendor adds one',
  'scripts/smoke': 'runtimes are tried with two clients as samples',
  'scripts/packages': 'published packages are tried with two clients as samples, beside a program for every client',
  'e2e/vendors': 'the tools of the vendors',
  'e2e/reaper-scale': 'a list in one answer and a list in pages',
  'packages/simulators/src/evidence.ts': 'the names of these tools',
  'packages/jobs/src/job/container-schema.ts': 'messages about images, which one vendor checks for its job deployments',
  'e2e/chaos/plan.ts': 'disks that are billed apart',
  'e2e/chaos/drill.ts': 'disks that are billed apart',
  'e2e/chaos/faults/vendor-faults.ts': 'instances that cannot be deleted while they are provisioned',
  'e2e/chaos/job-of-run.ts': 'an image of a public example',
  'e2e/chaos/prove/mutations.ts': 'edits of the product, some of them in the folder of a vendor',
};

const root = join(import.meta.dirname, '..');
const ownFolders = vendors.flatMap(({ vendor }) => [
  `specs/${vendor}/`,
  `packages/${vendor}/`,
  `packages/clouds/src/${vendor}/`,
  `packages/simulators/src/${vendor}/`,
]);
/** Hand-written code, without tests and what they share. */
const files = globSync(['packages/**/*.ts', 'workflows/**/*.ts', 'e2e/**/*.ts', 'scripts/**/*.ts', '.ci/*'], {
  cwd: root,
  exclude: ['**/node_modules', '**/dist', '**/generated', '**/*.test.ts', '**/test', '**/__fixtures__', '**/templates'],
}).filter((file) => !ownFolders.some((folder) => file.startsWith(folder)));

/** Comments may name a vendor as a reason or as an example. */
const stringsAndComments = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*/g;
const codeOf = (file: string) => readFileSync(join(root, file), 'utf8').replace(stringsAndComments, '$1');

/** Its package name, its class name, and what its variables begin with. */
const names = new RegExp(
  vendors
    .flatMap(({ vendor, client }) => [
      `\\b${vendor}\\b`,
      `${client}(?![a-z])`,
      `\\b${vendor.toUpperCase().replaceAll('-', '_')}_`,
    ])
    .join('|'),
);

test('no code outside the folders of a vendor names a vendor', () => {
  const naming = files.filter((file) => names.test(codeOf(file)));
  const excepted = (file: string) => Object.keys(exceptions).some((place) => `${file}/`.startsWith(`${place}/`));
  expect(naming.filter((file) => !excepted(file))).toEqual([]);
});

test('every exception for naming a vendor is still needed', () => {
  const naming = files.filter((file) => names.test(codeOf(file)));
  const needless = Object.keys(exceptions).filter(
    (place) => !naming.some((file) => `${file}/`.startsWith(`${place}/`)),
  );
  expect(needless).toEqual([]);
});

test('no test of the workflows or of chaos lists all vendors', () => {
  const tests = globSync(['workflows/**/*.ts', 'e2e/**/*.ts'], { cwd: root, exclude: ['**/node_modules', '**/dist'] });
  const listing = tests.filter((file) => {
    const code = codeOf(file);
    return vendors.every(({ vendor }) => code.includes(`'${vendor}'`));
  });
  expect(listing).toEqual([]);
});
