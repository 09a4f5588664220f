import { Document, visit } from 'yaml';
import { parseExactJson } from './exact-json.ts';
import type { ExactNumber } from './exact-number.ts';
import { isObject, type JsonValue, toJson, type Value } from './json.ts';
import { formatLocation, type Location } from './json-path.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';
import { readSource } from './source.ts';
import { decode, type FileContent } from './utf8.ts';

/**
 * Reads a document in JSON or YAML 1.2 (merge keys included) into JavaScript values. Fractions are rounded as `JSON.parse` does.
 * As in every JavaScript object, keys that look like array indexes (`200`) come first, in ascending order.
 * {@link applyOverlayToText} keeps numbers, key order, and comments.
 *
 * @param content the file's text, or its bytes, which must be UTF-8
 * @param file name of the file in messages; nothing is read from it
 * @throws {OverlayError} with every problem by line and column: syntax errors, duplicate keys, invalid UTF-8, values that JSON
 *   does not have (`.nan`), and numbers that JavaScript cannot hold (integers beyond 2^53, `1e400`).
 */
export function parseDocument(content: FileContent, file: string): JsonValue {
  const json = parseExactJson(decode(content, file));
  if (json !== undefined) return json;
  const source = readSource(content, file);
  const problems = inexactNumbers(source.value, []).map(
    ([location, number]): OverlayProblem => ({
      kind: 'syntax',
      file,
      ...source.positionOf(location),
      message: `${formatLocation(location)} is ${number.text}, which does not fit in a JavaScript number; applyOverlayToText keeps it`,
    }),
  );
  if (problems.length > 0) throw new OverlayError(problems);
  return toJson(source.value, (number) => number.nearest);
}

function inexactNumbers(value: Value, location: Location): [Location, ExactNumber][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => inexactNumbers(item, [...location, index]));
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => inexactNumbers(item, [...location, key]));
  }
  return typeof value === 'object' && value !== null && !value.fits ? [[location, value]] : [];
}

/** Blank texts and byte order marks, which yaml 2.9.1 writes as blocks or plain and then reads back as something else. */
export const needsQuotes = /^\s+$|\uFEFF/;

/**
 * Writes a document as YAML that YAML 1.1 readers understand too: dates and words such as `on` are quoted. The same document
 * always gives the same text: no anchors or aliases, and lines folded at 120 characters where YAML allows it.
 */
export function stringifyYaml(document: JsonValue): string {
  const written = new Document(document, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(written, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && needsQuotes.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return written.toString({ ...yamlOptions, lineWidth: 120, singleQuote: true });
}

/** yaml 2.9.1 loses a carriage return that follows a line break it wrote inside double quotes. */
export const yamlOptions = { doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };
