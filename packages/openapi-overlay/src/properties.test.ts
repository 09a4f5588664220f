import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlayOf } from './__fixtures__/overlay.ts';
import { applyOverlay, inspectOverlay } from './apply.ts';
import { parseDocument, stringifyYaml } from './document.ts';
import { deepEqual, type JsonValue } from './json.ts';
import { formatLocation, locate } from './json-path.ts';

// JSON.stringify writes -0 as 0.
const json = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'binary' })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));

// json-p3 2.3.1 refuses the escapes of control characters in names, such as \u0000, that RFC 9535 allows.
const printableJson = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));

test('stringifyYaml writes YAML that reads back as the same document in the same order', () => {
  fc.assert(
    fc.property(json, (document) => {
      const text = stringifyYaml({ document });
      const read = parseDocument(text, 'written.yaml');
      expect(JSON.stringify(read)).toBe(JSON.stringify({ document }));
      expect(stringifyYaml(read)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('stringifyYaml keeps long strings of any shape', () => {
  const word = fc.constantFrom(
    'word',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    '# ',
    ': ',
    '- ',
    "'",
    '"',
    '\\',
    'a-very-long-word'.repeat(8),
    '\r',
    '\u0085',
    '\uFEFF',
    '---',
    '%',
  );
  const text = fc.array(word, { maxLength: 80 }).map((words) => words.join(''));
  fc.assert(
    fc.property(text, text, (key, value) => {
      const document = { [key]: { nested: [value] } };
      expect(parseDocument(stringifyYaml(document), 'written.yaml')).toEqual(document);
    }),
    { numRuns: 500 },
  );
});

test('removing any items of an array leaves the others in their order', () => {
  const selection = fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(selection, fc.array(fc.nat({ max: 2 }), { minLength: 10, maxLength: 10 }), (indexes, items) => {
      const overlay = overlayOf(`- {target: "$.a[${indexes.join(',')}]", remove: true, x-matches: ${indexes.length}}`);
      const kept = items.filter((_, index) => !indexes.includes(index));
      expect(applyOverlay({ a: items }, overlay)).toEqual({ a: kept });
    }),
  );
});

test('a location from a query selects the same node again, with any names', () => {
  fc.assert(
    fc.property(printableJson, (document) => {
      for (const location of locate('$..*', document)) {
        expect(locate(formatLocation(location), document)).toEqual([location]);
      }
    }),
  );
});

test('an update of an object that was applied once is already fixed the second time', () => {
  const object = fc.dictionary(fc.string(), json);
  fc.assert(
    fc.property(object, object, (target, update) => {
      const overlay = overlayOf(`- ${JSON.stringify({ target: '$', update })}`);
      const original = structuredClone(target);
      const first = inspectOverlay(target, overlay);
      expect(deepEqual(target, original)).toBe(true);
      fc.pre(first.actions[0]?.status === 'applied');
      expect(inspectOverlay(first.document, overlay).actions[0]?.status).toBe('no-change');
    }),
  );
});
