import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { vendors } from './vendors.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;
const names = vendors.map(({ vendor }) => vendor);

describe.each(names)('the README of %s', (vendor) => {
  const file = `packages/${vendor}/README.md`;

  test(`${file} has at most 1,200 words, its code included`, () => {
    expect(wordsOf(read(file))).toBeLessThanOrEqual(1_200);
  });

  test(`${file} shows how to install and authenticate, and six recipes`, () => {
    const text = read(file);
    expect(text).toContain(`npm install @gpu-clouds/${vendor}\n`);
    expect(text.match(/^## .*$/gm)).toEqual(['## Authenticate', '## Recipes']);
    expect(text.match(/^### .*$/gm)).toHaveLength(6);
  });

  test(`${file} links to documents that the package contains`, () => {
    const { files } = JSON.parse(read(`packages/${vendor}/package.json`)) as { files: string[] };
    for (const name of ['METHODS.md', 'PATCHES.md', 'REFERENCE.md']) {
      expect(read(file)).toContain(`](${name})`);
      expect(files).toContain(name);
    }
  });
});

const documents = [
  'scripts/generate/README.md',
  ...names.flatMap((vendor) => [
    `packages/${vendor}/README.md`,
    `packages/${vendor}/REFERENCE.md`,
    `specs/${vendor}/README.md`,
  ]),
];

test.each(documents)('%s has no line longer than 160 characters', (file) => {
  const long = read(file)
    .split('\n')
    .filter((line) => line.length > 160);
  expect(long).toEqual([]);
});
