import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callWith, clients, documentOf, type Sample } from './__fixtures__/samples.ts';
import { exampleTable } from './emit-examples.ts';
import { type Document, listOperations, resolve, type Schema } from './openapi.ts';
import { successAnswer } from './success-answer.ts';

/** A list in an answer: an array, or an object whose properties are the rows. */
interface List {
  readonly name: string;
  readonly vendor: string;
  readonly sample: Sample;
  readonly path: readonly string[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the paths of the outermost lists in an answer whose rows are objects. */
function listsIn(document: Document, schema: Schema, value: unknown, path: readonly string[] = []): string[][] {
  if (Array.isArray(value)) return value.some(isRecord) ? [[...path]] : [];
  if (!isRecord(value)) return [];
  const {
    properties = {},
    additionalProperties,
    allOf = [],
    anyOf = [],
    oneOf = [],
  } = resolve<Schema>(document, schema);
  const branches = [...allOf, ...anyOf, ...oneOf].flatMap((branch) => listsIn(document, branch, value, path));
  const known = Object.entries(properties).flatMap(([name, below]) =>
    listsIn(document, below, value[name], [...path, name]),
  );
  const isMap = isRecord(additionalProperties) && Object.values(value).some(isRecord);
  return [...branches, ...known, ...(isMap ? [[...path]] : [])];
}

/** Every list in the default answer of every operation that the vendor's mocks have. */
const lists: readonly List[] = Object.keys(clients).flatMap((vendor) => {
  const document = documentOf(vendor);
  const entries = listOperations(document);
  const examples = exampleTable(document, entries);
  return entries.flatMap((entry): List[] => {
    const { id, method, path } = entry;
    const { status, contentType: media = '', schema = {} } = successAnswer(document, entry);
    const body = examples[id]?.body;
    const sample = { name: id, operation: id, method: method.toUpperCase(), path, status, media, body, schema: '' };
    const places = new Set(listsIn(document, schema, body).map((place) => place.join('/')));
    return [...places].map((place) => ({
      ...{ name: `${vendor} ${id} /${place}`, vendor, sample },
      path: place === '' ? [] : place.split('/'),
    }));
  });
});

const at = (value: unknown, path: readonly string[]) =>
  path.reduce<unknown>((parent, key) => (isRecord(parent) ? parent[key] : undefined), value);

/** Returns the value with what `change` makes of the part at a path. */
function changed(value: unknown, [key, ...rest]: readonly string[], change: (part: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value)) return value.with(Number(key), changed(value[Number(key)], rest, change));
  return isRecord(value) ? { ...value, [key]: changed(value[key], rest, change) } : value;
}

const rowsOf = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : Object.values(Object(list)));

/** Returns the list with another row before the others. */
const withRow = (list: unknown, row: unknown) =>
  Array.isArray(list) ? [row, ...list] : { 'odd-row': row, ...Object(list) };

/** Returns the path of a value and of all values in it. */
function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, below]) => placesIn(below, [...path, key]))];
}

const odd = fc.constantFrom<unknown>(null, '', 'odd', -1, 0, 7.5, true, [], {}, [null], { odd: null });

/** Lookups that the vendor answers with a list. The client returns its first row. */
const lookups = ['getInstance', 'getSshKey', 'getSshKeyLegacy', 'getScript'];

test('the property test covers the lists of every vendor', () => {
  const counts = Object.groupBy(lists, ({ vendor }) => vendor);
  expect(Object.keys(counts).sort()).toEqual(Object.keys(clients).sort());
  expect(lists.length).toBeGreaterThan(45);
});

test.each(lists.filter(({ sample }) => !lookups.includes(sample.operation)))(
  '$name: no value in a row hides another row from users of the client',
  async ({ vendor, sample, path }) => {
    const good = rowsOf(at(await callWith(vendor, sample), path));
    const model = good.find(isRecord);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...placesIn(model)), odd, async (place, value) => {
        const row = changed(model, place, () => value);
        const body = changed(sample.body, path, (list) => withRow(list, row));
        const found = rowsOf(at(await callWith(vendor, sample, body), path));
        expect(found).toEqual(expect.arrayContaining([...good]));
        expect(found).toHaveLength(good.length + 1);
      }),
      { numRuns: 30 },
    );
  },
);
