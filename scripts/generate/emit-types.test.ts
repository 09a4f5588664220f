import { expect, test } from 'vitest';
import { documentOf } from './__fixtures__/document.ts';
import { emitTypes } from './emit-types.ts';
import { foldOpenEnums } from './open-enums.ts';
import type { Schema } from './openapi.ts';

/** The type of a property `it` with the given schema. */
async function typeOf(schema: Schema): Promise<string | undefined> {
  const document = documentOf(
    {},
    { Holder: { type: 'object', required: ['it'], properties: { it: structuredClone(schema) } } },
  );
  foldOpenEnums(document);
  const text = (await emitTypes(document)).join(' ').replaceAll(/\s+/g, ' ');
  return /\bit: (.*); }; }; responses:/.exec(text)?.[1];
}

const open = { 'x-open-enum': true, anyOf: [{ type: 'string', enum: ['on', 'off'] }, { type: 'string' }] };

test.each<[string, Schema, string]>([
  ['an open enum', open, '"on" | "off" | (string & {})'],
  [
    'an open enum that may be null',
    { ...open, anyOf: [...open.anyOf, { type: 'null' }] },
    '"on" | "off" | (string & {}) | null',
  ],
  ['many of an open enum', { type: 'array', items: open }, '("on" | "off" | (string & {}))[]'],
  ['a closed enum', { type: 'string', enum: ['on', 'off'] }, '"on" | "off"'],
  ['an object of anything', { type: 'object' }, 'Record<string, unknown>'],
  [
    'a property with a default is there only where it is required',
    { type: 'object', properties: { size: { type: 'integer', default: 1 } } },
    '{ /** @default 1 */ size?: number; }',
  ],
])('%s', async (_, schema, type) => {
  expect(await typeOf(schema)).toBe(type);
});
