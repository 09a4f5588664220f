import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlayOf, thrownBy } from './__fixtures__/overlay.ts';
import { applyOverlay } from './apply.ts';
import { parseDocument } from './document.ts';
import { deepEqual, type JsonValue } from './json.ts';
import { formatLocation, locate } from './json-path.ts';
import { applyOverlayToText, type TextOptions } from './text.ts';

function patched(content: string, actions: string, options: TextOptions = {}): string {
  return applyOverlayToText({ file: 'published.yaml', content }, overlayOf(actions), options);
}

const add = '- {target: $, update: {x-new: true}}';

const yaml = `# A pet shop
openapi: 3.1.0
info:
  title: Pets # in stock
  version: '1.0'

  # What it is for
  description: >-
    Folded text over
    two lines
x-limit: &limit
  maximum: 9223372036854775807
  ratio: 1.0
  mask: 0x1F
paths:
  /pets:
    get:
      <<: *limit
      summary: "caf\\u00e9"
      responses:
        200: {description: ok}
        default: *limit
      tags:
      - a # first

      # before b
      - b
      - c
`;

describe('YAML text', () => {
  test('an action changes only the lines that it concerns', () => {
    expect(patched(yaml, '- {target: $.info.title, update: Dogs}')).toBe(yaml.replace('Pets # in', 'Dogs # in'));
    expect(patched(yaml, "- {target: \"$.paths['/pets'].get.tags[?@=='c']\", remove: true}")).toBe(
      yaml.replace('      - c\n', ''),
    );
    expect(patched(yaml, add)).toBe(`${yaml}x-new: true\n`);
  });

  test('numbers of the document and of the overlay keep their digits', () => {
    const text = patched(
      'a: 9007199254740993\nb: 1.50\nc: 1e400\n',
      '- {target: $, update: {d: 12345678901234567890, e: 2.0}}\n- {target: $.a, copy: $.b}\n- {target: $, update: {f: 0xFFFFFFFFFFFFFFFF}}',
    );
    expect(text).toBe('a: 1.50\nb: 1.50\nc: 1e400\nd: 12345678901234567890\ne: 2.0\nf: 18446744073709551615\n');
  });

  test('an alias stays until its anchor changes, then it becomes a copy of the old value', () => {
    const document = 'a: &x {p: 1}\nb: *x\nc: *x\n';
    expect(patched(document, add)).toBe(`${document}x-new: true\n`);
    expect(patched(document, '- {target: $.a, update: {m: 2}}')).toBe('a: &x {p: 1, m: 2}\nb:\n  p: 1\nc:\n  p: 1\n');
    expect(patched(document, '- {target: $.a, remove: true}')).toBe('b:\n  p: 1\nc:\n  p: 1\n');
  });

  test('an alias stays if an action changes it and its anchor alike', () => {
    expect(patched('a: &x {p: 1}\nb: *x\n', "- {target: \"$['a','b']\", update: {m: 2}, x-matches: 2}")).toBe(
      'a: &x {p: 1, m: 2}\nb: *x\n',
    );
  });

  test('a merge key stays as long as it stands for the right members', () => {
    const document = 'a: &x {p: 1, m: 2}\nb:\n  <<: *x\n  k: 3\n';
    expect(patched(document, '- {target: $.b, update: {k: 4, p: 5, l: 6}}')).toBe(
      'a: &x {p: 1, m: 2}\nb:\n  <<: *x\n  k: 4\n  p: 5\n  l: 6\n',
    );
    expect(patched(document, '- {target: $.b.p, remove: true}')).toBe('a: &x {p: 1, m: 2}\nb:\n  k: 3\n  m: 2\n');
    expect(patched(document, '- {target: $.a.p, update: 9}')).toBe(
      'a: &x {p: 9, m: 2}\nb:\n  <<: *x\n  k: 3\n  p: 1\n',
    );
  });

  test('a merge key takes own members first, then those of the first merged map', () => {
    const document = 'a: &x {p: 1, m: 1}\nb: &y {p: 2, l: 2}\nc:\n  p: 3\n  <<: [*x, *y]\n';
    expect(Object(parseDocument(document, 'd')).c).toEqual({ p: 3, m: 1, l: 2 });
  });

  test('Windows line breaks and strings that look like other types are kept', () => {
    expect(patched('a: 1\r\nb: on\r\n', '- {target: $, update: {c: on, d: 2024-01-01}}')).toBe(
      "a: 1\r\nb: on\r\nc: 'on'\r\nd: '2024-01-01'\r\n",
    );
  });

  test('YAML becomes JSON with all digits, and with aliases and merge keys resolved', () => {
    expect(
      patched('200: &x {p: 1.0}\nb: {<<: *x, m: 0x1F}\n', '- {target: $.b, update: {k: *x}}'.replace('*x', '1e400'), {
        format: 'json',
      }),
    ).toBe('{\n  "200": {\n    "p": 1.0\n  },\n  "b": {\n    "p": 1.0,\n    "m": 31,\n    "k": 1e400\n  }\n}\n');
  });
});

describe('JSON text', () => {
  test('key order, numbers, and indentation are kept', () => {
    const document = '{\n    "z": 1.0,\n    "200": 9007199254740993,\n    "a": {\n        "<<": []\n    }\n}\n';
    expect(patched(document, '- {target: "$.a[\'<<\']", update: 1}')).toBe(
      document.replace('[]', '[\n            1\n        ]'),
    );
  });

  test('JSON becomes YAML in block style', () => {
    expect(patched('{"z": 1.0, "200": ["on", {"a": []}]}', '- {target: $.z, update: 2.0}', { format: 'yaml' })).toMatch(
      /^z: 2\.0\n"200":\n {2}- on\n {2}- a: \[\]\n$/,
    );
  });
});

describe('refusals', () => {
  test.each([
    ['{"a": 1,\n "a": 2}', '2:2: duplicate key'],
    ['200: a\n"200": b\n', '2:1: duplicate key'],
    ['a: .inf\n', '1:4: $.a is .inf, which JSON does not allow'],
    ['a: 1\n---\nb: 2\n', '2:1: '],
    ['a:\n  ? \n  : 1\n', 'a key is empty, which JSON does not allow'],
    ['a: {<<: 5}\n', 'a merge key takes a map or a list of maps'],
    ['a: &x\n  <<: *x\n', 'refers to a map that contains it'],
  ])('%j is refused with line and column', (document, message) => {
    const error = thrownBy(() => patched(document, add));
    expect(error.message).toMatch(/^published\.yaml:\d+:\d+: /);
    expect(error.message).toContain(message);
  });

  test('parseDocument refuses numbers that do not fit, with line and column', () => {
    expect(thrownBy(() => parseDocument('{"a": 1,\n "b": [9007199254740993, 1e400, 1.0]}', 'd.json')).message).toBe(
      'd.json:2:8: $.b[0] is 9007199254740993, which does not fit in a JavaScript number; applyOverlayToText keeps it\n' +
        'd.json:2:26: $.b[1] is 1e400, which does not fit in a JavaScript number; applyOverlayToText keeps it',
    );
  });

  test('applyOverlay refuses a number of the overlay that does not fit', () => {
    const overlay = overlayOf('- {target: $.a, update: 9007199254740993}');
    expect(thrownBy(() => applyOverlay({ a: 1 }, overlay)).message).toContain('9007199254740993 does not fit');
  });
});

const jsonValue = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));

test('applyOverlayToText and applyOverlay agree on any JSON document and any change', () => {
  const pick = fc.nat();
  fc.assert(
    fc.property(jsonValue, jsonValue, pick, fc.boolean(), (inner, value, index, remove) => {
      const document = { inner };
      const places = locate('$..*', document);
      const target = formatLocation(places[index % places.length] ?? []);
      const overlay = overlayOf(`- ${JSON.stringify(remove ? { target, remove: true } : { target, update: value })}`);
      const content = JSON.stringify(document, null, index % 3);
      const call = (apply: () => unknown) => {
        try {
          return apply();
        } catch (error) {
          return String(error);
        }
      };
      const expected = call(() => applyOverlay(document, overlay, { lenient: true }));
      for (const format of ['yaml', 'json'] as const) {
        const text = () => applyOverlayToText({ file: 'd', content }, overlay, { lenient: true, format });
        const actual = call(() => parseDocument(text(), 'd'));
        expect(actual).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});

test('any removal or update in a document with anchors and merge keys gives the same value as on its plain values', () => {
  const document =
    'a: &x {p: 1, m: [&y 2, *y]}\nb: {<<: *x, k: *y}\nc: [*x, {<<: [*x, {z: &w 5}], p: *w}]\nd: &x {q: *y}\ne: *x\n';
  const plain = parseDocument(document, 'd');
  for (const location of locate('$..*', plain)) {
    for (const change of ['remove: true', 'update: 7', 'update: {p: 8, new: 9}', 'update: [3]']) {
      const overlay = overlayOf(`- {target: "${formatLocation(location)}", ${change}}`);
      let expected: JsonValue;
      try {
        expected = applyOverlay(plain, overlay, { lenient: true });
      } catch {
        continue;
      }
      const text = applyOverlayToText({ file: 'd', content: document }, overlay, { lenient: true });
      expect(deepEqual(parseDocument(text, 'd'), expected)).toBe(true);
    }
  }
});
