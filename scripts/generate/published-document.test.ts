import { describe, expect, test } from 'vitest';
import { acmeDocument, Workshop } from './__fixtures__/acme.ts';
import { GenerationError } from './generation-error.ts';
import { publishedDocument, refuseTruncated } from './published-document.ts';
import { documents } from './upgrade/__fixtures__/documents.ts';

const file = 'specs/acme/published.json';

function complaint(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof GenerationError) return error.message;
    throw error;
  }
}

const read = (text: string | Uint8Array, name = file) =>
  complaint(() => publishedDocument(typeof text === 'string' ? Buffer.from(text) : text, name));

test.each([
  ['an empty document', ' \n', 'is empty. Fetch the document again.'],
  ['a document of OpenAPI 2', '{"swagger":"2.0","paths":{}}', 'is OpenAPI 2.0. Generation reads OpenAPI 3.0 and 3.1.'],
  ['a document of OpenAPI 3.2', '{"openapi":"3.2.0","paths":{}}', 'is OpenAPI 3.2.0. Generation reads'],
  ['a document without a version', '{"paths":{}}', 'has no "openapi" version. Generation reads'],
  ['an HTML page', '<!doctype html><html></html>', 'is not complete JSON: '],
  ['a JSON document that ends early', '{"openapi":"3.1.0","paths":{', 'is not complete JSON: '],
])('%s is one line that says what is wrong', (_, text, message) => {
  const said = read(text);
  expect(said).toContain(`${file} ${message}`);
  expect(said).not.toContain('\n');
});

test('a document that is not UTF-8 is one line with the line and the byte', () => {
  const bytes = Buffer.from(acmeDocument.replace('title: Acme', 'title: Acm\u00e9'), 'latin1');
  expect(read(bytes, 'published.yaml')).toBe(
    `published.yaml:2: Byte ${bytes.indexOf(0xe9)} is not UTF-8. Convert the document to UTF-8.`,
  );
});

test('a byte order mark is no part of a document', () => {
  expect(read(`\uFEFF${'{"openapi":"3.1.0","paths":{}}'}`)).toBeUndefined();
});

test.each([
  ['YAML', 'published.yaml', 'openapi: 3.1.0\npaths: {}\nopenapi: 3.1.1\n', '3:1'],
  ['JSON', 'published.json', '{"openapi":"3.1.0",\n"paths":{},\n"openapi":"3.1.1"}', '3:1'],
  ['JSON', 'published.json', '{"openapi":"3.1.0","paths":{"/a":{},"/b":{},"/a":{}}}', '1:45'],
])('a %s document with a key twice is one line that names the place (%s, %j, %s)', (_, name, text, place) => {
  const said = read(text, name);
  expect(said).toMatch(new RegExp(`^${name.replace('.', '\\.')}:${place}: duplicate key\\.`, 'i'));
  expect(said).not.toContain('\n');
});

describe.each(documents)('the document of $vendor', ({ vendor, bytes, file: name }) => {
  test(`${vendor}: a document cut off anywhere is one line that says so`, () => {
    for (let part = 1; part < 40; part += 1) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 40));
      const said = complaint(() => refuseTruncated(cut, bytes, name)) ?? '';
      expect(said).toMatch(/has only the first \d+ of \d+ bytes/);
      expect(said).not.toContain('\n');
    }
  });
});

test('generation refuses a document that is the beginning of the one in git', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('specs/acme/published.yaml', acmeDocument.slice(0, acmeDocument.indexOf('  /key/check:')));
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toMatch(/^acme: specs\/acme\/published\.yaml has only the first \d+ of \d+ bytes/);
  expect(said).not.toContain('\n');
});
