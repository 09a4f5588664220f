import { ApiError, type ApiErrorCode } from './api-error.ts';
import { errorOf } from './network-error.ts';
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
  /** What every attempt carries, where the vendor knows such keys. */
  idempotencyKey: string | undefined;
}

export interface Failure {
  readonly code: ApiErrorCode;
  /** Ends the sentence that begins with the operation: `got no answer within 30 s`. */
  readonly what: string;
  /** What the vendor says, for the same sentence. */
  readonly said?: string | undefined;
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
  const { code, what, said, response, vendorCode, retryAfter, body, cause } = failure;
  const tries = progress.attempts > 1 ? ` (attempt ${progress.attempts})` : '';
  const message = [
    `${vendor} ${operation} (${method} ${path}) ${redactText(what, secrets)}${quote(said, secrets)}${tries}.`,
    progress.mayHaveTakenEffect && 'It may have taken effect: look for what it would have done before asking again.',
    retryAfter !== undefined ? `Try again in ${Math.ceil(retryAfter / 1000)} s.` : advice[code],
  ];
  return new ApiError(
    message.filter(Boolean).join(' '),
    {
      ...{ code, vendor, operation, method, path, retryAfter, ...progress, status: response?.status },
      ...(redact({ vendorCode, requestId: requestIdOf(response?.headers, body), body }, secrets) as object),
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

/** The error of a request that is wrong in itself. */
export const unsent = (subject: Subject, why: string) =>
  apiError(subject, { code: 'validation', what: `was not sent: ${why}` });

/** What went wrong underneath, as text only: a foreign error may hold the request, and with it the credentials. */
export function redactedCause(cause: unknown, secrets: Iterable<string>): Error {
  const { name, message, code } = errorOf(cause) as Error & { code?: unknown };
  const copy = new Error(redactText(message, secrets));
  copy.name = redactText(String(name), secrets);
  return Object.assign(copy, typeof code === 'string' ? { code } : undefined);
}

/** The first of these properties that is a text with something in it, of the answer or of the `error` in it. */
function textIn(body: unknown, names: readonly string[]): string | undefined {
  for (const part of [body, (body as { error?: unknown } | null | undefined)?.error]) {
    if (typeof part !== 'object' || part === null) continue;
    for (const name of names) {
      const value = (part as Record<string, unknown>)[name];
      if (typeof value === 'string' && value.trim() !== '') return value.trim();
    }
  }
  return undefined;
}

const longestQuote = 300;

/** A short piece of a vendor's text, on one line. Masked before it is cut: half a secret is a secret too. */
function quote(text: string | undefined, secrets: Iterable<string>): string {
  const line = redactText(text ?? '', secrets)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');
  return line && `: ${line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line}`;
}

/** What a vendor says went wrong: `message`, a problem document's `detail` or `title`, an `error`, or plain text. */
export function vendorMessage(body: unknown): string | undefined {
  if (typeof body === 'string') return /^\s*</.test(body) ? undefined : body;
  return textIn(body, ['message', 'detail', 'error_description', 'title', 'error']);
}

/** The vendor's code for what went wrong: `code`, a problem document's `type`, or OAuth2's `error`. */
export function vendorCode(body: unknown): string | undefined {
  const error = textIn(body, ['error']);
  return textIn(body, ['code', 'type']) ?? (error && /^\w+$/.test(error) ? error : undefined);
}
