import { JSONPathEnvironment, JSONPathQuery } from 'json-p3';
import { isObject, plainOf, property, type Value } from './json.ts';

/** The names and indexes that lead from the root to a node. */
export type Location = readonly (string | number)[];

/** A query that does not conform to RFC 9535. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** json-p3 passes the RFC 9535 compliance suite, but reads `$.x-y` as `$['x-y']`, which the grammar (2.5.1.1) forbids. */
const hyphenatedShorthand = /\.([A-Za-z_\u{80}-\u{10FFFF}][\w\u{80}-\u{10FFFF}]*-[\w\u{80}-\u{10FFFF}-]*)/u;
const stringLiteral = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gu;

/** Documents may nest deeper than the 50 levels that json-p3 follows `..` by default. */
const environment = new JSONPathEnvironment({ maxRecursionDepth: 1000 });

/** @throws {QueryError} `text` is not an RFC 9535 query */
export function parseQuery(text: string): JSONPathQuery {
  const hyphenated = hyphenatedShorthand.exec(text.replace(stringLiteral, '""'));
  if (hyphenated !== null) {
    throw new QueryError(
      `write ['${hyphenated[1]}'] instead of .${hyphenated[1]}: a name with a hyphen needs brackets`,
    );
  }
  if (text === '') throw new QueryError('it is empty; use $ for the whole document');
  try {
    return environment.compile(text);
  } catch (error) {
    throw new QueryError(error instanceof Error ? error.message : String(error));
  }
}

/** Returns the locations that `text` selects, in document order and each once. */
export function locate(text: string, document: Value): Location[] {
  return distinct(parseQuery(text).query(plainOf(document)).locations());
}

/** The start of a query that selects something, although the whole query does not. */
export interface PartialMatch {
  readonly query: string;
  readonly locations: readonly [Location, ...Location[]];
  /** The name that the query selects next, if it selects exactly one. */
  readonly missing: string | undefined;
}

/** Returns the longest start of the query that selects something; at least the root. */
export function longestMatch(text: string, document: Value): PartialMatch {
  const { segments } = parseQuery(text);
  for (let length = segments.length - 1; length > 0; length -= 1) {
    const start = new JSONPathQuery(environment, segments.slice(0, length));
    const [first, ...others] = distinct(start.query(plainOf(document)).locations());
    if (first === undefined) continue;
    const query = start.toString({ form: 'pretty' });
    return { query, locations: [first, ...others], missing: nameIn(segments[length]) };
  }
  return { query: '$', locations: [[]], missing: nameIn(segments[0]) };
}

function nameIn(segment: JSONPathQuery['segments'][number] | undefined): string | undefined {
  const selectors = segment?.selectors ?? [];
  const selector = selectors.length === 1 ? selectors[0] : undefined;
  return selector !== undefined && 'name' in selector && typeof selector.name === 'string' ? selector.name : undefined;
}

/** @throws {RangeError} nothing is there; a location that a query returned for this document always exists */
export function valueAt(document: Value, location: Location): Value {
  let value: Value | undefined = document;
  for (const part of location) {
    if (Array.isArray(value)) value = value[Number(part)];
    else value = isObject(value) ? property(value, String(part)) : undefined;
  }
  if (value === undefined) throw new RangeError(`nothing at ${formatLocation(location)}`);
  return value;
}

/** Returns the location as a query in its usual notation: `$.paths['/instances'].get.parameters[0]`. */
export function formatLocation(location: Location): string {
  const parts = location.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    if (/^[A-Za-z_]\w*$/.test(part)) return `.${part}`;
    return `['${JSON.stringify(part).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}']`;
  });
  return `$${parts.join('')}`;
}

function distinct(locations: readonly Location[]): Location[] {
  return [...new Map(locations.map((location) => [JSON.stringify(location), location])).values()];
}
