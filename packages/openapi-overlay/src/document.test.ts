import { describe, expect, test } from 'vitest';
import { documentOf, thrownBy } from './__fixtures__/overlay.ts';
import { parseDocument, stringifyYaml } from './document.ts';
import { OverlayError } from './overlay-error.ts';

function messageFor(text: string): string {
  const error = thrownBy(() => parseDocument(text, 'published.yaml'));
  expect(OverlayError.isInstance(error)).toBe(true);
  return error.message;
}

describe('reading', () => {
  test('parseDocument reads JSON and YAML alike', () => {
    expect(parseDocument('{"a": [1, null, "x"]}', 'a.json')).toEqual(documentOf('a: [1, null, x]'));
  });

  test('parseDocument keeps the order of keys', () => {
    expect(Object.keys(Object(documentOf('b: 1\na: 2\nc: 3')))).toEqual(['b', 'a', 'c']);
  });

  test('parseDocument reads dates and words such as on as strings', () => {
    expect(documentOf('{a: 2024-01-01, b: on, c: 200}')).toEqual({ a: '2024-01-01', b: 'on', c: 200 });
  });

  test('parseDocument reads a response code as a string key', () => {
    expect(documentOf('{200: ok}')).toEqual({ '200': 'ok' });
  });

  test('parseDocument reports every syntax error with line and column', () => {
    expect(messageFor('a: 1\nb: [1, 2\nc: "x\n')).toMatch(/^published\.yaml:\d+:\d+: .+\npublished\.yaml:\d+:\d+: /);
    expect(messageFor('a: 1\na: 2\n')).toBe('published.yaml:2:1: duplicate key');
    expect(messageFor('{"a": 1,, }')).toMatch(/^published\.yaml:1:\d+: /);
  });

  test('parseDocument refuses an empty file', () => {
    expect(messageFor('# nothing yet\n')).toBe('published.yaml: is empty');
  });

  test('parseDocument refuses values that JSON does not have', () => {
    expect(messageFor('a:\n  b: .nan\n')).toBe('published.yaml:2:6: $.a.b is .nan, which JSON does not allow');
    expect(messageFor('a: !date 2024-01-01\n')).toBe('published.yaml:1:4: Unresolved tag: !date');
    expect(messageFor('a:\n  ? [b, c]\n  : d\n')).toBe(
      'published.yaml:2:5: a key is a list or an object, which JSON does not allow',
    );
    expect(messageFor('a: &x\n  b: *x\n')).toContain('$.a.b is an alias of a value that contains it');
  });

  test('parseDocument refuses aliases that expand to billions of values', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(messageFor(lines.join('\n'))).toMatch(/alias/i);
  });
});

describe('writing YAML', () => {
  test('stringifyYaml repeats an object that occurs twice instead of using an alias', () => {
    const shared = { type: 'string' };
    expect(stringifyYaml({ a: shared, b: shared })).toBe('a:\n  type: string\nb:\n  type: string\n');
  });

  test('stringifyYaml quotes strings that YAML 1.1 readers take for other types', () => {
    expect(stringifyYaml({ on: 'no', date: '2024-01-01', time: '12:30:45', '200': '0x1f' })).toBe(
      "'200': '0x1f'\n'on': 'no'\ndate: '2024-01-01'\ntime: '12:30:45'\n",
    );
  });

  test('stringifyYaml folds wide lines so that they read back the same', () => {
    const document = { text: 'word '.repeat(100).trim(), lines: `${'word '.repeat(50)}\n\n  indented\n` };
    const text = stringifyYaml(document);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(121);
    expect(documentOf(text)).toEqual(document);
  });

  test.each([' \n\n', '\t', '\uFEFF% directive', `${'wide'.repeat(40)}\n\n \n\r`])(
    'stringifyYaml keeps %j, which needs quotes',
    (text) => {
      const document = { [text]: text };
      expect(documentOf(stringifyYaml(document))).toEqual(document);
    },
  );
});
