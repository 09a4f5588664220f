import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentOf } from './__fixtures__/overlay.ts';
import { parseExactJson } from './exact-json.ts';

/** A comment makes YAML of the text. */
const asYaml = (text: string) => documentOf(`# YAML\n${text}`);

test('JSON reads as the same document with the parser for JSON and the one for YAML', () => {
  fc.assert(
    fc.property(fc.oneof(fc.object(), fc.array(fc.object())), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const read = parseExactJson(text);
      expect(JSON.stringify(read)).toBe(JSON.stringify(asYaml(text)));
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['a duplicate key', '{"a": 1, "b": {"c": 1, "c": 2}}'],
  ['a duplicate key that is written with an escape', String.raw`{"a": 1, "\u0061": 2}`],
  ['an integer beyond 2^53', '{"a": [9007199254740993]}'],
  ['a number beyond the largest one', '{"a": 1e400}'],
  ['a number that rounds to nothing', '{"a": 1e-400}'],
  ['a comma too many', '{"a": 1,}'],
  ['a list that is nested 100,000 times', '['.repeat(1e5) + ']'.repeat(1e5)],
  ['YAML', 'a: 1'],
  ['a value without braces', '"a"'],
])('%s is left to the parser for YAML, which tells the line', (_name, text) => {
  expect(parseExactJson(text)).toBeUndefined();
});

test.each([
  ['a colon, a quote, and digits inside strings', String.raw`{"a:1": "\": 9007199254740993, \"b\": \\"}`],
  ['a fraction that is rounded as JSON.parse does', '{"a": 0.10000000000000000555}'],
  ['a minus zero', '{"a": -0}'],
  ['the key __proto__', '{"__proto__": {"a": 1}}'],
  ['an empty list', ' [] '],
])('the parser for JSON reads %s', (_name, text) => {
  expect(parseExactJson(text)).toEqual(JSON.parse(text));
  expect(parseExactJson(text)).toEqual(asYaml(text));
});
