import { expect, test } from 'vitest';
import { thrownBy } from './__fixtures__/overlay.ts';
import { parseDocument } from './document.ts';
import { parseOverlay } from './parse-overlay.ts';
import { decode } from './utf8.ts';

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

test.each([
  ['in JSON', bytes('{\n  "a": "x', 0xe9, '"}'), 'd:2:10: the byte 0xE9 is not UTF-8. Save the file as UTF-8'],
  ['after other characters', bytes('a: ü€', 0xff), 'd:1:6: the byte 0xFF is not UTF-8'],
  ['at the start, as in UTF-16', bytes(0xff, 0xfe, 'a'), 'd:1:1: the byte 0xFF is not UTF-8'],
  ['cut off at the end', bytes('a: ', 0xe2, 0x82), 'd:1:4: the byte 0xE2 is not UTF-8'],
])('invalid UTF-8 %s is refused with line and column', (_, content, message) => {
  expect(thrownBy(() => parseDocument(content, 'd')).message).toContain(message);
  expect(thrownBy(() => parseOverlay(content, 'd')).message).toContain(message);
});

test('decode reads UTF-8 with and without a byte order mark', () => {
  expect(decode(bytes(0xef, 0xbb, 0xbf, 'a: ü'), 'd')).toBe('a: ü');
  expect(decode('\uFEFFa: ü', 'd')).toBe('a: ü');
});
