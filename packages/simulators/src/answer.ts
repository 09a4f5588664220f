/** The response of an operation. At most one of `json` and `text` is set. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  /** Content type. Default: `application/json` for `json`, `text/plain` for `text`. */
  readonly media?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns a response with a JSON body. */
export function ok(json: unknown, status = 200): Answer {
  return { status, json };
}

/** Thrown by a handler to respond with an error of the vendor. */
export class ErrorResponse extends Error {
  override readonly name = 'ErrorResponse';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`The simulator responds with HTTP ${answer.status}.`);
    this.answer = answer;
  }
}

/** Returns a function that creates the error of a vendor to throw, from one that returns it as a response. */
export function thrown<Args extends readonly unknown[]>(answer: (...args: Args) => Answer) {
  return (...args: Args): ErrorResponse => new ErrorResponse(answer(...args));
}

/** Returns a response with `Retry-After`, besides the headers that it has. */
export function retryAfter(seconds: number, answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}

/** Thrown to close the connection without a response. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut';
}

/** Returns the response body as text; empty when there is none. */
export function bodyOf({ json, text = '' }: Answer): string {
  return json === undefined ? text : JSON.stringify(json);
}

/** Returns the content type of a response; undefined when it has no body. */
export function mediaOf({ json, text, media }: Answer): string | undefined {
  if (json !== undefined) return media ?? 'application/json; charset=utf-8';
  return text === undefined ? undefined : (media ?? 'text/plain; charset=utf-8');
}

/** Converts an {@link Answer} to a `Response` with its content type. */
export function toResponse(answer: Answer): Response {
  const headers = new Headers(answer.headers);
  const media = mediaOf(answer);
  if (media !== undefined) headers.set('content-type', media);
  return new Response(media === undefined ? null : bodyOf(answer), { status: answer.status, headers });
}
