import { unsent } from './failure.ts';
import { formBody } from './form-body.ts';
import { errorOf } from './network-error.ts';
import type { Operation } from './operation.ts';

type Values = Readonly<Record<string, unknown>>;

/** First argument of a method: each part where the operation has it. */
export interface CallArguments {
  readonly path?: Values | undefined;
  readonly query?: Values | undefined;
  readonly header?: Values | undefined;
  readonly body?: unknown;
}

/** One request on its way out, before credentials are added. Its body is text or bytes, so that it can be sent again. */
export interface OutgoingRequest {
  /** HTTP method, in capitals. */
  readonly method: string;
  /** With path and query filled in. */
  readonly url: URL;
  /** To be added to. */
  readonly headers: Headers;
  /** As it will be sent, the same with every attempt. */
  body: Uint8Array<ArrayBuffer> | string | undefined;
}

export const idempotencyHeader = 'Idempotency-Key';

/** Writes a request. @throws Failed `validation` when it cannot be written */
export function written(
  row: Operation,
  { path, query = {}, header, body }: CallArguments,
  baseUrl: string,
  ...headers: readonly (Values | undefined)[]
): OutgoingRequest {
  const url = `${baseUrl}${pathOf(row, { path, body })}`;
  try {
    const outgoing = { method: row.method, url: new URL(url), headers: new Headers({ Accept: 'application/json' }) };
    if (body !== undefined) outgoing.headers.set('Content-Type', row.body ?? 'application/json');
    for (const [name, value] of Object.entries(Object.assign({}, headers[0], header, headers[1]))) {
      if (value !== undefined) outgoing.headers.set(name, String(value));
    }
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) {
        if (one !== undefined && one !== null) outgoing.url.searchParams.append(name, String(one));
      }
    }
    return { ...outgoing, body: serialized(row, body) };
  } catch (error) {
    throw unsent(errorOf(error).message);
  }
}

/** Forms as forms, everything else as JSON. */
export const serialized = (row: Operation, body: unknown): string | undefined =>
  row.body === 'application/x-www-form-urlencoded' && body !== undefined ? formBody(body) : JSON.stringify(body);

/**
 * The path with its parameters filled in. Refuses what would end up at another path (an empty `id` turns "delete this
 * one" into a request about all of them), and a body that could be sent once only.
 * @throws Failed `validation`
 */
export function pathOf(row: Operation, { path = {}, body }: CallArguments): string {
  if (body instanceof ReadableStream) {
    throw unsent('its body is a stream, which cannot be sent again. Read it into memory first');
  }
  return row.path.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = path[name];
    // A lone half of a surrogate pair cannot be written into a URL.
    const usable = typeof value === 'number' || (typeof value === 'string' && !/^\s*\.{0,2}\s*$|\p{Cs}/u.test(value));
    if (usable) return encodeURIComponent(value);
    throw unsent(`the path parameter ${name} must be a text that is not empty`);
  });
}
