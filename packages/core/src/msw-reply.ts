import { HttpResponse } from 'msw';
import type { Example } from './example.ts';

/** An answer as data. */
export interface MockReply extends Example {
  /** Headers beside `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An answer that the compiler does not hold against the vendor's document: what a broken vendor sends, or a preset such
 * as `outOfCapacity()`. Any operation may answer with it, any number of times.
 */
export class UncheckedAnswer {
  readonly #respond: () => Response;

  constructor(respond: () => Response) {
    this.#respond = respond;
  }

  /** The answer, made anew: a response can be read only once. */
  toResponse(): Response {
    return this.#respond();
  }
}

/** An answer that is not in the document: `unchecked({ status: 200, contentType: 'text/html', body: '<html>' })`. */
export function unchecked(reply: MockReply | (() => Response)): UncheckedAnswer {
  return new UncheckedAnswer(typeof reply === 'function' ? reply : () => responseOf(reply));
}

/** No answer: the connection breaks, after the vendor has seen the request. */
export function connectionLost(): UncheckedAnswer {
  return new UncheckedAnswer(() => HttpResponse.error());
}

/** Texts are sent as they are where the media type is not JSON, and everything else as JSON. */
export function responseOf({
  status,
  contentType = 'application/json',
  body,
  headers,
}: MockReply): HttpResponse<string> {
  if (body === undefined) return new HttpResponse(null, { status, ...(headers && { headers }) });
  const text = typeof body === 'string' && !/json/.test(contentType) ? body : JSON.stringify(body);
  return new HttpResponse(text, { status, headers: { 'Content-Type': contentType, ...headers } });
}

/** Where the document says nothing of a success's body there is none, and an empty 200 would look like a broken one. */
export const usable = (example: Example = { status: 204 }): Example =>
  example.body === undefined && example.status < 300 ? { ...example, status: 204 } : example;
