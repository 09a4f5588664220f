import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeMessage, Fields } from './wire.ts';

it('a message is decoded as it was encoded', () => {
  const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.uint8Array());
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(number, value), { selector: ([key]) => key }), (fields) => {
      const decoded = new Fields(encodeMessage(...fields));
      const values = fields.map(([key, sent]) => {
        if (typeof sent === 'number') return [key, decoded.integer(key)];
        return [key, typeof sent === 'string' ? decoded.text(key) : Uint8Array.from(decoded.bytes(key) ?? [])];
      });
      expect(values).toEqual(fields);
      expect(decoded.numbers).toEqual(fields.map(([key]) => key));
    }),
  );
});

it('fields of fixed size and unknown fields are skipped', () => {
  const fixed64 = [1 * 8 + 1, ...Array(8).fill(255)];
  const fixed32 = [2 * 8 + 5, ...Array(4).fill(255)];
  const fields = new Fields(Uint8Array.from([...fixed64, ...fixed32, ...encodeMessage([3, 'text'])]));
  expect([fields.integer(1), fields.bytes(2), fields.text(3)]).toEqual([0, undefined, 'text']);
});

it.each([
  ['a number without an end', [8, 255, 255]],
  ['a number of more than ten bytes', [8, ...Array(11).fill(255), 0]],
  ['a field that is longer than its message', [10, 4, 1, 2, 3]],
  ['a field with a length of 2⁵⁰', [10, 128, 128, 128, 128, 128, 128, 128, 4]],
  ['a field without a value', [10]],
  ['a field of an unknown type', [11]],
])('%s is refused', (_what, bytes) => {
  expect(() => new Fields(Uint8Array.from(bytes))).toThrow(RangeError);
});

it('no bytes make the decoder hang or fail in another way than with a RangeError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        new Fields(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});
