import { formBody } from './form-body.ts';
import { notSent } from './internal-error.ts';
import { errorOf } from './network-error.ts';
import type { Operation } from './operation.ts';
import type { CallArguments, OutgoingRequest, RequestContext } from './request-context.ts';

type HeaderValues = Readonly<Record<string, unknown>>;

export const idempotencyHeader = 'Idempotency-Key';

/**
 * Writes the HTTP request of a call. Headers of the call win over the operation's, and those over the client's.
 * @throws {InternalError} `invalid` when the request cannot be written
 */
export function writeRequest(
  { row, baseUrl, args }: RequestContext,
  clientHeaders: HeaderValues | undefined,
  callHeaders: HeaderValues,
): OutgoingRequest {
  const { query = {}, header, body } = args;
  const path = pathOf(row, args);
  try {
    const url = new URL(`${baseUrl}${path}`);
    const headers = new Headers({ Accept: 'application/json' });
    if (body !== undefined) headers.set('Content-Type', row.body ?? 'application/json');
    for (const [name, value] of Object.entries({ ...clientHeaders, ...header, ...callHeaders })) {
      if (value !== undefined) headers.set(name, String(value));
    }
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) {
        if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
      }
    }
    return { method: row.method, url, headers, body: serialize(row, body) };
  } catch (error) {
    throw notSent(errorOf(error).message);
  }
}

/** Serializes a body: a form as a form, everything else as JSON. */
export const serialize = (row: Operation, body: unknown): string | undefined =>
  row.body === 'application/x-www-form-urlencoded' && body !== undefined ? formBody(body) : JSON.stringify(body);

/**
 * Returns the path with its parameters filled in. Refuses a parameter that would lead to another path (an empty `id` turns
 * "delete this one" into a request about all of them), and a body that could be sent only once.
 * @throws {InternalError} `invalid`
 */
export function pathOf(row: Operation, { path = {}, body }: CallArguments): string {
  if (body instanceof ReadableStream) {
    throw notSent('its body is a stream, which cannot be sent again. Read it into memory first');
  }
  return row.path.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = path[name];
    // A lone half of a surrogate pair cannot be written into a URL.
    const usable = typeof value === 'number' || (typeof value === 'string' && !/^\s*\.{0,2}\s*$|\p{Cs}/u.test(value));
    if (usable) return encodeURIComponent(value);
    throw notSent(`the path parameter ${name} must be a non-empty string`);
  });
}
