import { expect, test } from 'vitest';
import { unquotedCode, withParts } from './parts.ts';

const write = (name: string) => (name === 'list' ? '- one\n- two\n' : undefined);

test('a generated part is replaced between its marks, and the rest stays unchanged', async () => {
  const text = 'Before.\n<!-- generated: list -->\nold\n<!-- /generated -->\nAfter.\n';
  const filled = await withParts(text, 'README.md', write);
  expect(filled).toBe('Before.\n<!-- generated: list -->\n\n- one\n- two\n\n<!-- /generated -->\nAfter.\n');
  expect(await withParts(filled, 'README.md', write)).toBe(filled);
});

test.each([
  ['x\n<!-- generated: list -->\ny', 'README.md:2: The part "list" has no end. Add <!-- /generated -->.'],
  ['<!-- generated: lsit -->\n<!-- /generated -->', 'README.md:1: Unknown part "lsit".'],
  ['<!-- /generated -->', 'README.md:1: This mark ends no part.'],
])('mismatched marks are an error with their line: %j', async (text, message) => {
  await expect(withParts(text, 'README.md', write)).rejects.toThrow(message);
});

test('unquotedCode finds TypeScript outside generated parts, and ignores other languages', () => {
  const text = '```sh\nls\n```\n<!-- generated: code a.ts -->\n```ts\na\n```\n<!-- /generated -->\n```ts\nb\n```';
  expect(unquotedCode(text, 'README.md')).toEqual(['README.md:9']);
});
