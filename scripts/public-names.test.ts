import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryPoints, undocumentedNames } from './public-names.ts';

const source = `/** Said. */
export interface Said {
  silent: string;
  /** Said. */
  loud: string;
}
export const silent = 1;
const own = 1;
export class Silent {
  #own = 1;
  private hidden = 1;
  /** Said. */
  method(): number {
    return own + this.#own + this.hidden;
  }
  silent(): void {}
}
/** Said. */
export type Nested = Said & {
  /** Said. */
  inner: { silent: string };
};
/** Said: each of them at once. */
export type Either = { kind: 'one' } | { kind: 'other' };
`;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gpu-clouds-names-'));
  await writeFile(join(root, 'names.ts'), source);
  await writeFile(
    join(root, 'index.ts'),
    "export { Said as Again, silent, Silent, type Nested, type Either } from './names.ts';\n",
  );
  await writeFile(
    join(root, 'package.json'),
    '{ "exports": { ".": "./index.ts", "./openapi.json": "./openapi.json" } }',
  );
});
afterAll(() => rm(root, { recursive: true }));

test('public names and members without a word are told with their place, private ones are not', async () => {
  const names = undocumentedNames(root, await entryPoints(root, '.'));
  expect(names).toEqual([
    { place: 'names.ts:3', name: 'Again.silent' },
    { place: 'names.ts:7', name: 'silent' },
    { place: 'names.ts:9', name: 'Silent' },
    { place: 'names.ts:16', name: 'Silent.silent' },
    { place: 'names.ts:21', name: 'Nested.inner.silent' },
  ]);
});

test('what is written where is told once, however many entry points export it', async () => {
  const entries = await entryPoints(root, '.');
  expect(undocumentedNames(root, [...entries, join(root, 'names.ts')])).toHaveLength(5);
});
