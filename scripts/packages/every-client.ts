import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VendorRules } from '../generate/vendor-rules.ts';
import { vendors } from '../generate/vendors.ts';
import type { EmptyProject } from './empty-project.ts';
import { root } from './publishable.ts';

/** Name of the program that {@link writeEveryClient} writes. */
export const everyClientFile = 'every-client.ts';

/** Writes a program that uses every vendor's client, and each export that all clients have. */
export function writeEveryClient({ folder }: Pick<EmptyProject, 'folder'>): void {
  const parts = vendors.map((rules) => ({ rules, read: firstRead(rules) }));
  const lines = [
    "import assert from 'node:assert/strict';",
    ...parts.flatMap(({ rules: { vendor, client } }) => [
      `import { create${client} } from '@gpu-clouds/${vendor}';`,
      `import { handlers as handlers${client} } from '@gpu-clouds/${vendor}/msw';`,
      `import { rawClient as raw${client} } from '@gpu-clouds/${vendor}/raw';`,
      `import { validated as validated${client} } from '@gpu-clouds/${vendor}/validate';`,
      ...(hasWaiters(vendor)
        ? [`import { waitForInstance as waitFor${client} } from '@gpu-clouds/${vendor}/waiters';`]
        : []),
    ]),
    "import { setupServer } from 'msw/node';",
    ...parts.flatMap(({ rules: { vendor, client }, read }) => [
      `const client${client} = create${client}({ fetch: validated${client}() });`,
      `assert.ok(await client${client}.${read}());`,
      `assert.equal(typeof raw${client}(client${client}).GET, 'function');`,
      ...(hasWaiters(vendor) ? [`assert.equal(typeof waitFor${client}, 'function');`] : []),
      // Without types, the compiler would accept everything.
      '// @ts-expect-error: no such method.',
      `const none${client} = () => client${client}.noSuchMethod();`,
      `assert.equal(typeof none${client}, 'function');`,
    ]),
    `setupServer(${parts.map(({ rules }) => `...handlers${rules.client}()`).join(', ')});`,
  ];
  writeFileSync(join(folder, everyClientFile), `${lines.join('\n')}\n`);
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly required?: boolean }[];
}

/** Returns a method that only reads and needs no arguments. */
function firstRead({ vendor }: VendorRules): string {
  const file = join(root, 'packages', vendor, 'src/generated/openapi.json');
  const { paths }: { paths: Record<string, { get?: Operation }> } = JSON.parse(readFileSync(file, 'utf8'));
  const reads = Object.values(paths).flatMap(({ get }) => (get === undefined ? [] : [get]));
  const read = reads.find(({ parameters = [] }) => !parameters.some(({ required }) => required === true));
  if (read === undefined) throw new Error(`${file} has no GET operation that needs no parameter.`);
  return read.operationId;
}

/** A new client may not have them yet. */
function hasWaiters(vendor: string): boolean {
  const manifest = readFileSync(join(root, 'packages', vendor, 'package.json'), 'utf8');
  return './waiters' in JSON.parse(manifest).exports;
}
