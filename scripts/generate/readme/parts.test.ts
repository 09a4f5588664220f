import { expect, test } from 'vitest';
import { unquotedCode, withParts } from './parts.ts';

const write = (name: string) => (name === 'list' ? '- one\n- two\n' : undefined);

test('a part is written anew between its marks, and the rest is left as it is', async () => {
  const text = 'Before.\n<!-- generated: list -->\nold\n<!-- /generated -->\nAfter.\n';
  const filled = await withParts(text, 'README.md', write);
  expect(filled).toBe('Before.\n<!-- generated: list -->\n\n- one\n- two\n\n<!-- /generated -->\nAfter.\n');
  expect(await withParts(filled, 'README.md', write)).toBe(filled);
});

test.each([
  ['x\n<!-- generated: list -->\ny', 'README.md:2: the part "list" never ends: add <!-- /generated -->.'],
  ['<!-- generated: lsit -->\n<!-- /generated -->', 'README.md:1: nothing writes the part "lsit".'],
  ['<!-- /generated -->', 'README.md:1: no part is open here.'],
])('marks that do not fit are an error with their place: %j', async (text, message) => {
  await expect(withParts(text, 'README.md', write)).rejects.toThrow(message);
});

test('code that nobody compiles is found, and quoted code and other languages are not', () => {
  const text = '```sh\nls\n```\n<!-- generated: code a.ts -->\n```ts\na\n```\n<!-- /generated -->\n```ts\nb\n```';
  expect(unquotedCode(text, 'README.md')).toEqual(['README.md:9']);
});
