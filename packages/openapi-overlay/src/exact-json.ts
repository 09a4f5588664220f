import { ExactNumber, readNumber } from './exact-number.ts';
import type { JsonValue } from './json.ts';

/** Strings, with the colon that makes one a key, and numbers. */
const tokens = /"(?:[^"\\]|\\.)*"(?<colon>\s*:)?|(?<number>-?\d[\d.eE+-]*)/gs;

/**
 * Returns the value of JSON that `JSON.parse` reads without a loss, many times faster than a YAML parser. Returns undefined for
 * everything else, of which the YAML parser tells the line: other formats, wrong JSON, duplicate keys, numbers that do not fit in
 * a JavaScript number, and lists in lists without end.
 */
export function parseExactJson(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: JsonValue = JSON.parse(text);
    return isExact(text, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isExact(text: string, value: JsonValue): boolean {
  let keys = 0;
  for (const { groups: { colon, number } = {} } of text.matchAll(tokens)) {
    if (colon !== undefined) keys += 1;
    if (number !== undefined && !fits(number)) return false;
  }
  return keys === keysIn(value);
}

function fits(text: string): boolean {
  const number = readNumber(text);
  return !(number instanceof ExactNumber) || number.fits;
}

function keysIn(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Object.values(value);
  const own = Array.isArray(value) ? 0 : items.length;
  return items.reduce<number>((sum, item) => sum + keysIn(item), own);
}
