import { HttpResponse } from 'msw';
import type { Example } from './example.ts';

/** A response as data. */
export interface MockReply extends Example {
  /** Headers besides `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A response that the compiler does not check against the vendor's document, such as what a broken vendor sends, or a preset
 * such as `outOfCapacity()`. Any operation may answer with it, any number of times.
 */
export class UncheckedAnswer {
  readonly #respond: () => Response;

  constructor(respond: () => Response) {
    this.#respond = respond;
  }

  /** Returns a new response each time, since a response can be read only once. */
  toResponse(): Response {
    return this.#respond();
  }
}

/** Creates a response that is not in the document: `unchecked({ status: 200, contentType: 'text/html', body: '<html>' })`. */
export function unchecked(reply: MockReply | (() => Response)): UncheckedAnswer {
  return new UncheckedAnswer(typeof reply === 'function' ? reply : () => responseOf(reply));
}

/** Breaks the connection after the vendor received the request. */
export function connectionLost(): UncheckedAnswer {
  return new UncheckedAnswer(() => HttpResponse.error());
}

/** Creates a response. A text is sent as it is unless the media type is JSON. Everything else is sent as JSON. */
export function responseOf({
  status,
  contentType = 'application/json',
  body,
  headers,
}: MockReply): HttpResponse<string> {
  if (body === undefined) return new HttpResponse(null, headers ? { status, headers } : { status });
  const text = typeof body === 'string' && !/json/.test(contentType) ? body : JSON.stringify(body);
  return new HttpResponse(text, { status, headers: { 'Content-Type': contentType, ...headers } });
}

/** Returns the example with status 204 when a success has no body: an empty 200 would count as unreadable. */
export const usable = (example: Example = { status: 204 }): Example =>
  example.body === undefined && example.status < 300 ? { ...example, status: 204 } : example;
