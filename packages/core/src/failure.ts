import { ApiError, type ApiErrorCode } from './api-error.ts';
import { redact, redactText } from './redact.ts';

/** The call that a failure is told about. */
export interface Subject {
  readonly vendor: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** Values that must not be seen. */
  readonly secrets: Iterable<string>;
  readonly progress: Progress;
}

/** What is known of a call while it is under way. */
export interface Progress {
  attempts: number;
  mayHaveTakenEffect: boolean;
}

export interface Failure {
  readonly code: ApiErrorCode;
  /** Ends the sentence that begins with the operation: `got no answer within 30 s`. */
  readonly what: string;
  readonly response?: { readonly status: number; readonly headers: Headers } | undefined;
  readonly vendorCode?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly body?: unknown;
  readonly cause?: unknown;
}

const advice: Partial<Record<ApiErrorCode, string>> = {
  authentication: 'Check the credentials.',
  connection: 'Check the network and the base URL.',
  'payment-required': 'Top up the account, or set up a payment method.',
  permission: 'These credentials do not allow it.',
};

/** Makes the error of a failed call. The one place where a message is put together, and redacted. */
export function apiError(subject: Subject, failure: Failure): ApiError {
  const { vendor, operation, method, path, secrets, progress } = subject;
  const { code, what, response, vendorCode, retryAfter, body, cause } = failure;
  const tries = progress.attempts > 1 ? ` (attempt ${progress.attempts})` : '';
  const message = [
    `${vendor} ${operation} (${method} ${path}) ${redactText(what, secrets)}${tries}.`,
    progress.mayHaveTakenEffect && 'It may have taken effect: look for what it would have done before asking again.',
    retryAfter !== undefined ? `Try again in ${Math.ceil(retryAfter / 1000)} s.` : advice[code],
  ];
  return new ApiError(
    message.filter(Boolean).join(' '),
    {
      ...{ code, vendor, operation, method, path, vendorCode, retryAfter, ...progress },
      ...{ status: response?.status, requestId: requestIdOf(response?.headers, body), body: redact(body, secrets) },
    },
    cause === undefined ? undefined : { cause: redactedCause(cause, secrets) },
  );
}

const requestIdHeaders = ['x-request-id', 'request-id', 'x-correlation-id', 'cf-ray'];

function requestIdOf(headers: Headers | undefined, body: unknown): string | undefined {
  for (const name of requestIdHeaders) {
    const value = headers?.get(name);
    if (value) return value;
  }
  return textIn(body, ['request_id', 'requestId']);
}

/** What went wrong underneath, as text only: a foreign error may hold the request, and with it the credentials. */
function redactedCause(cause: unknown, secrets: Iterable<string>): Error {
  const { name, message, code } = (cause instanceof Error ? cause : new Error(`${cause}`)) as Error & {
    code?: unknown;
  };
  const copy = new Error(redactText(message, secrets));
  copy.name = name;
  return Object.assign(copy, typeof code === 'string' ? { code } : undefined);
}

/** The first of these properties that is a text with something in it. */
function textIn(body: unknown, names: readonly string[]): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  for (const name of names) {
    const value = (body as Record<string, unknown>)[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}

const longestQuote = 300;

/** A short piece of a vendor's text, on one line, for a message. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line;
}

/** What a vendor says went wrong: `message`, a problem document's `detail` or `title`, an `error`, or plain text. */
export function vendorMessage(body: unknown): string | undefined {
  if (typeof body === 'string') return /^\s*(<|$)/.test(body) ? undefined : quote(body);
  const text = textIn(body, ['message', 'detail', 'error_description', 'title', 'error']);
  if (text !== undefined) return quote(text);
  const nested = (body as { error?: unknown; message?: unknown } | null | undefined)?.error;
  return typeof nested === 'object' && nested !== null ? vendorMessage(nested) : undefined;
}

/** The vendor's code for what went wrong: `code`, a problem document's `type`, or OAuth2's `error`. */
export function vendorCode(body: unknown): string | undefined {
  const code = textIn(body, ['code', 'type']);
  if (code !== undefined) return code;
  const nested = (body as { error?: unknown } | null | undefined)?.error;
  if (typeof nested === 'string') return /^\w+$/.test(nested) ? nested : undefined;
  return typeof nested === 'object' && nested !== null ? vendorCode(nested) : undefined;
}
