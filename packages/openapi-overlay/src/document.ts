import { Document, isCollection, LineCounter, parseDocument as parseYaml, visit } from 'yaml';
import type { JsonValue } from './json.ts';
import { formatLocation, type Location } from './json-path.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';

export interface Position {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
}

/** A parsed text that still knows where each of its values stands. */
export interface Source {
  readonly value: JsonValue;
  /** Where the value at `location` begins, or the nearest thing around it that is there. */
  positionOf(location: Location): Position | undefined;
}

/**
 * Reads a document in JSON or YAML 1.2. As in every JavaScript object, keys that look like array indexes (`200`) come first, in
 * ascending order; all others keep the order of the text.
 *
 * @throws {OverlayError} with every syntax error, by line and column; also for what JSON cannot say, such as `.nan`.
 */
export function parseDocument(text: string, file: string): JsonValue {
  return parseJson(text) ?? readSource(text, file).value;
}

/** Undefined when the text is not JSON: then it is YAML, or YAML's parser says better than JSON's what is wrong. */
function parseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** @throws {OverlayError} as {@link parseDocument} does. */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseYaml(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // The package warns of what it can only guess at, such as an unknown tag; a guess has no place in a patched document.
  const problems = [...document.errors, ...document.warnings].map((error): OverlayProblem => {
    const message = error.message.replace(/\.$/, '');
    return { kind: 'syntax', file, ...at(error.pos[0]), message };
  });
  visit(document, {
    Pair(_, { key }) {
      if (!isCollection(key)) return;
      const message = 'a key is a list or an object, which JSON cannot say';
      problems.push({ kind: 'syntax', file, ...at(startOf(key) ?? 0), message });
    },
  });
  if (problems.length === 0 && document.contents === null) problems.push({ kind: 'syntax', file, message: 'is empty' });
  if (problems.length > 0) throw new OverlayError(problems);

  const positionOf = (location: Location): Position | undefined => {
    for (let length = location.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(location.slice(0, length), true);
      const offset = startOf(node);
      if (offset !== undefined) return at(offset);
    }
    return undefined;
  };
  return { value: jsonOf(() => document.toJS(), file, positionOf), positionOf };
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

function jsonOf(read: () => unknown, file: string, positionOf: Source['positionOf']): JsonValue {
  const problems: OverlayProblem[] = [];
  const report = (location: Location, what: string): null => {
    const message = `${formatLocation(location)} is ${what}, which JSON cannot say`;
    problems.push({ kind: 'syntax', file, ...positionOf(location), message });
    return null;
  };
  const convert = (value: unknown, location: Location, around: readonly unknown[]): JsonValue => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : report(location, String(value));
    if (typeof value !== 'object') return report(location, `a ${typeof value}`);
    if (around.includes(value)) return report(location, 'an alias of something around it');
    const inside = [...around, value];
    if (Array.isArray(value)) return value.map((item, index) => convert(item, [...location, index], inside));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, convert(item, [...location, key], inside)]),
    );
  };
  const value = convert(readAliases(read, file), [], []);
  if (problems.length > 0) throw new OverlayError(problems);
  return value;
}

/** The yaml package refuses a text whose aliases would unfold to something huge. */
function readAliases(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (error) {
    throw new OverlayError([{ kind: 'syntax', file, message: error instanceof Error ? error.message : String(error) }]);
  }
}

/**
 * Writes a document as YAML that YAML 1.1 readers understand alike, so that dates and words such as `on` are quoted. The same
 * document always gives the same text: no anchors or aliases, lines folded at 120 characters where YAML allows it.
 */
export function stringifyYaml(document: JsonValue): string {
  const written = new Document(document, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(written, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && needsQuotes.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return written.toString({
    // yaml 2.9.1 loses a carriage return that follows a line break it wrote inside double quotes.
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    lineWidth: 120,
    singleQuote: true,
  });
}

/** Blank texts and byte order marks, which yaml 2.9.1 writes as blocks or plain and then reads back as something else. */
const needsQuotes = /^\s+$|\uFEFF/;
