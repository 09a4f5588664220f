import { type HttpCustomPredicate, http, matchRequestUrl, type PathParams } from 'msw';
import type { OperationTable } from './operation.ts';

type Row = OperationTable[string];

export const verbs = { GET: http.get, POST: http.post, PUT: http.put, PATCH: http.patch, DELETE: http.delete };

/** Returns the operation's URL as an msw pattern: `https://api.acme.test/things/:id`. */
export function patternOf({ path }: Row, baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, '')}${path.replace(/\{([^{}]+)\}/g, ':$1')}`;
}

/**
 * Returns the route of an operation for msw. `/things/{id}` also matches `/things/count`. If the table has such a path, its
 * requests are excluded, so that handlers work in any order.
 */
export function routeOf(row: Row, table: OperationTable, baseUrl: string): string | HttpCustomPredicate<PathParams> {
  const pattern = patternOf(row, baseUrl);
  const overlapping = Object.values(table)
    .filter(({ method, path }) => method === row.method && covers(row.path, path))
    .map((other) => patternOf(other, baseUrl));
  if (overlapping.length === 0) return pattern;
  return ({ request }) => {
    const url = new URL(request.url);
    if (overlapping.some((other) => matchRequestUrl(url, other).matches)) return false;
    const { matches, params = {} } = matchRequestUrl(url, pattern);
    return { matches, params };
  };
}

/** Returns true when every request to `other` also matches `path`, but not the reverse. */
function covers(path: string, other: string): boolean {
  const [segments, others] = [path.split('/'), other.split('/')];
  const fits = segments.every((segment, index) => isParameter(segment) || segment === others[index]);
  const narrower = segments.some((segment, index) => isParameter(segment) && !isParameter(others[index] ?? ''));
  return segments.length === others.length && fits && narrower;
}

const isParameter = (segment: string) => segment.startsWith('{');
