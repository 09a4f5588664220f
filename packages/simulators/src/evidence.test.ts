import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { documentOf } from './documents.ts';
import { evidenceTable } from './evidence-table.ts';
import { evidence } from './generated/evidence.ts';
import { vendors } from './vendor.ts';

const begin = '<!-- evidence -->';
const end = '<!-- /evidence -->';

it.each(vendors)('each operation of %s, and no other, has evidence', (vendor) => {
  const operations = documentOf(vendor).operations;
  expect(Object.keys(evidence[vendor]).sort()).toEqual(operations.map(({ id }) => id).sort());
  const additions = operations.filter(({ isPublished }) => !isPublished).map(({ id }) => id);
  const unfounded = Object.entries(evidence[vendor]).filter(
    ([id, known]) => additions.includes(id) && known.length === 0,
  );
  expect(unfounded).toEqual([]);
});

// `pnpm exec vitest run src/evidence.test.ts --update` writes the table.
it.each(vendors)('the README of the documents of %s says how each operation is known', async (vendor) => {
  const readme = fileURLToPath(new URL(`../../../specs/${vendor}/README.md`, import.meta.url));
  const [before, rest = ''] = (await readFile(readme, 'utf8')).split(begin);
  const [, after] = rest.split(end);
  await expect(`${before}${begin}\n\n${evidenceTable(vendor)}\n\n${end}${after}`).toMatchFileSnapshot(readme);
});
