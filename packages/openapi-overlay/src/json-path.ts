import { JSONPathEnvironment, JSONPathQuery } from 'json-p3';
import { isObject, type JsonValue, property } from './json.ts';

/** Where a node is: the names and indexes that lead to it from the root. */
export type Location = readonly (string | number)[];

/** A query that does not conform to RFC 9535. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** json-p3 passes the whole RFC 9535 compliance suite, yet reads `$.x-y` as `$['x-y']`, which the grammar (2.5.1.1) forbids. */
const hyphenatedShorthand = /\.([A-Za-z_\u{80}-\u{10FFFF}][\w\u{80}-\u{10FFFF}]*-[\w\u{80}-\u{10FFFF}-]*)/u;
const stringLiteral = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gu;

/** Documents may nest deeper than the 50 levels that json-p3 follows `..` by default. */
const environment = new JSONPathEnvironment({ maxRecursionDepth: 1000 });

/** @throws {QueryError} when `text` is not a query as RFC 9535 defines it. */
export function parseQuery(text: string): JSONPathQuery {
  const hyphenated = hyphenatedShorthand.exec(text.replace(stringLiteral, '""'));
  if (hyphenated !== null) {
    throw new QueryError(`a name with a hyphen needs brackets: ['${hyphenated[1]}'] instead of .${hyphenated[1]}`);
  }
  if (text === '') throw new QueryError('it is empty; the whole document is $');
  try {
    return environment.compile(text);
  } catch (error) {
    throw new QueryError(error instanceof Error ? error.message : String(error));
  }
}

/** The places that `text` selects in the document's order, each once, however many times the query selects it. */
export function locate(text: string, document: JsonValue): Location[] {
  return distinct(parseQuery(text).query(document).locations());
}

/** The beginning of a query that selects something, although the whole query does not. */
export interface PartialMatch {
  readonly query: string;
  readonly locations: readonly [Location, ...Location[]];
  /** The name that the query asks for next, when it asks for just one. */
  readonly missing: string | undefined;
}

/** The longest beginning of the query that selects something; at the least the root. */
export function longestMatch(text: string, document: JsonValue): PartialMatch {
  const { segments } = parseQuery(text);
  for (let length = segments.length - 1; length > 0; length -= 1) {
    const beginning = new JSONPathQuery(environment, segments.slice(0, length));
    const [first, ...others] = distinct(beginning.query(document).locations());
    if (first === undefined) continue;
    const query = beginning.toString({ form: 'pretty' });
    return { query, locations: [first, ...others], missing: nameIn(segments[length]) };
  }
  return { query: '$', locations: [[]], missing: nameIn(segments[0]) };
}

function nameIn(segment: JSONPathQuery['segments'][number] | undefined): string | undefined {
  const selectors = segment?.selectors ?? [];
  const selector = selectors.length === 1 ? selectors[0] : undefined;
  return selector !== undefined && 'name' in selector && typeof selector.name === 'string' ? selector.name : undefined;
}

/** @throws {RangeError} when nothing is there; a location that a query returned for this document always is. */
export function valueAt(document: JsonValue, location: Location): JsonValue {
  let value: JsonValue | undefined = document;
  for (const part of location) {
    if (Array.isArray(value)) value = value[Number(part)];
    else value = isObject(value) ? property(value, String(part)) : undefined;
  }
  if (value === undefined) throw new RangeError(`nothing at ${formatLocation(location)}`);
  return value;
}

/** The location as people write it: `$.paths['/instances'].get.parameters[0]`. */
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
