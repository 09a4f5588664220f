/** What an operation answers. At most one of `json` and `text`. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  /** `application/json` or `text/plain` when left out. */
  readonly media?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by a handler to answer with an error. */
export class ErrorResponse extends Error {
  override readonly name = 'ErrorResponse';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** Thrown where the connection is cut: the caller gets no answer at all. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut';
}

/** The text that is sent; empty where nothing is. */
export function bodyOf({ json, text = '' }: Answer): string {
  return json === undefined ? text : JSON.stringify(json);
}

export function toResponse(answer: Answer): Response {
  const headers = new Headers(answer.headers);
  if (answer.json !== undefined) {
    headers.set('content-type', answer.media ?? 'application/json; charset=utf-8');
    return new Response(bodyOf(answer), { status: answer.status, headers });
  }
  if (answer.text !== undefined) {
    headers.set('content-type', answer.media ?? 'text/plain; charset=utf-8');
    return new Response(answer.text, { status: answer.status, headers });
  }
  return new Response(null, { status: answer.status, headers });
}
