import { readFile } from 'node:fs/promises';
import { parseDocument } from '@gpu-clouds/openapi-overlay';
import { describe, expect, test } from 'vitest';
import { asDocument, listOperations } from './generate/openapi.ts';
import { vendors } from './generate/vendors.ts';
import { schemasOf } from './generate/walk.ts';

const read = (path: string) => readFile(new URL(`../specs/${path}`, import.meta.url), 'utf8');

test("TensorDock's restored document has the words of the flattened one, quotes and white space apart", async () => {
  const words = (text: string) => text.replaceAll('"', '').replaceAll(/\s+/g, ' ').trim();
  expect(words(await read('tensordock/published.restored.yaml'))).toBe(
    words(await read('tensordock/published.flattened.txt')),
  );
});

describe.each(vendors.map(({ vendor }) => vendor))('the patched document of %s', (vendor) => {
  test('is OpenAPI 3.1, and each of its operations has a name of its own', async () => {
    const document = asDocument(parseDocument(await read(`${vendor}/openapi.yaml`), vendor), vendor);
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = listOperations(document).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('declares alternatives by oneOf: kubb and oapi-codegen fail on a list of two types other than null', async () => {
    const document = asDocument(parseDocument(await read(`${vendor}/openapi.yaml`), vendor), vendor);
    const places = [...schemasOf(document)].filter(
      ({ value: { type } }) => Array.isArray(type) && type.filter((each) => each !== 'null').length > 1,
    );
    expect(places.map(({ path }) => path.join('/'))).toEqual([]);
  });
});
