import { type HttpCustomPredicate, http, matchRequestUrl, type PathParams } from 'msw';
import type { OperationTable } from './operation.ts';

type Row = OperationTable[string];

export const verbs = { GET: http.get, POST: http.post, PUT: http.put, PATCH: http.patch, DELETE: http.delete };

/** The operation's address in msw's words: `https://api.acme.test/things/:id`. */
export function patternOf({ path }: Row, baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, '')}${path.replace(/\{([^{}]+)\}/g, ':$1')}`;
}

/**
 * What tells msw that a request is for this operation. `/things/{id}` also fits `/things/count`: where the table has
 * such a neighbour, its requests are left to it, so that handlers can be given in any order.
 */
export function routeOf(row: Row, table: OperationTable, baseUrl: string): string | HttpCustomPredicate<PathParams> {
  const pattern = patternOf(row, baseUrl);
  const neighbours = Object.values(table)
    .filter(({ method, path }) => method === row.method && covers(row.path, path))
    .map((neighbour) => patternOf(neighbour, baseUrl));
  if (neighbours.length === 0) return pattern;
  return ({ request }) => {
    const url = new URL(request.url);
    if (neighbours.some((neighbour) => matchRequestUrl(url, neighbour).matches)) return false;
    const { matches, params = {} } = matchRequestUrl(url, pattern);
    return { matches, params };
  };
}

/** True when every request to `other` would also fit `path`, and some requests to `path` would not fit `other`. */
function covers(path: string, other: string): boolean {
  const [segments, others] = [path.split('/'), other.split('/')];
  const fits = segments.every((segment, index) => isParameter(segment) || segment === others[index]);
  const narrower = segments.some((segment, index) => isParameter(segment) && !isParameter(others[index] ?? ''));
  return segments.length === others.length && fits && narrower;
}

const isParameter = (segment: string) => segment.startsWith('{');
