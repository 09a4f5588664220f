import { ApiError, type ApiErrorCode } from './api-error.ts';
import { InternalError, type InternalFailure } from './internal-error.ts';
import { codeOf, errorOf, rootOf } from './network-error.ts';
import { redact, redactText, secretsIn } from './redact.ts';
import type { Progress, RequestContext } from './request-context.ts';
import { statusOf } from './response-body.ts';
import { AbortReason } from './with-timeout.ts';

const advice: Partial<Record<ApiErrorCode, string>> = {
  authentication: 'Check the credentials.',
  connection: 'Check the network and the base URL.',
  funds: 'Top up the account, or set up a payment method.',
  permission: 'These credentials do not allow it.',
};

/** Longest quote of a vendor in a message, in characters. */
const longestQuote = 300;
/** Longest `vendorMessage`, in characters. */
const longestVendorMessage = 8_192;

/**
 * Returns the `ApiError` of a failed call. Messages are put together and redacted here and nowhere else.
 * @param fallback the code of an error that this package did not throw itself
 */
export function toApiError(
  context: RequestContext,
  thrown: unknown,
  fallback: 'connection' | 'unreadable' = 'unreadable',
): ApiError {
  const { vendor, operation, row, progress } = context;
  if (ApiError.isInstance(thrown)) return withEarlierAttempts(thrown, progress);
  const failure = failureOf(thrown, fallback);
  const { code, response, body, retryAfterMs } = failure;
  const secrets = [...context.secrets, ...secretsIn(context.args)];
  const shown = (text: string | undefined) => text && redactText(text, secrets);
  const { method, path } = row;
  const refused = response && !response.ok;
  const cause = causeOf(failure);
  const said = failure.said ?? (refused ? messageIn(body) : undefined);
  const vendorMessage = code === 'unreadable' ? undefined : shown(said)?.slice(0, longestVendorMessage);
  const message = [
    `${vendor} ${operation} (${method} ${path}) ${shown(failure.what ?? happened(context, failure, cause))}` +
      `${quote(shown(said ?? failure.reason))}${progress.attempts > 1 ? ` (attempt ${progress.attempts})` : ''}.`,
    progress.retryBudgetSpent && 'It was not retried: too many calls failed recently, so the retry budget is spent.',
    progress.mayHaveTakenEffect && 'It may have taken effect: check what it would have done before you try again.',
    retryAfterMs !== undefined ? `Try again in ${Math.ceil(retryAfterMs / 1000)} s.` : advice[code],
  ];
  return new ApiError(
    message.filter(Boolean).join(' '),
    {
      code,
      vendor,
      operation,
      method,
      path,
      status: response && statusOf(response),
      vendorCode: shown(refused ? codeIn(body) : undefined),
      vendorMessage,
      requestId: shown(requestIdOf(response?.headers, body)),
      retryAfterMs,
      body: redact(body, secrets),
      ...progress,
    },
    cause && { cause: redactedCause(cause, secrets) },
  );
}

function failureOf(thrown: unknown, fallback: 'connection' | 'unreadable'): InternalFailure {
  if (thrown instanceof InternalError) return thrown.failure;
  if (thrown instanceof AbortReason) return { code: thrown.code, cause: thrown.cause };
  return { code: fallback, cause: fallback === 'connection' ? rootOf(thrown) : errorOf(thrown) };
}

/** Keeps what an earlier attempt may have done when a token request of a later attempt fails. */
function withEarlierAttempts(error: ApiError, { idempotencyKey, mayHaveTakenEffect }: Progress): ApiError {
  if (!mayHaveTakenEffect || error.mayHaveTakenEffect) return error;
  return new ApiError(error.message, { ...error.toJSON(), idempotencyKey, mayHaveTakenEffect }, { cause: error.cause });
}

function causeOf({ cause, response }: InternalFailure): Error | undefined {
  if (cause !== undefined) return errorOf(cause);
  const location = response && !response.ok && response.headers.get('location');
  return location ? new Error(`Location: ${location.split('?')[0]}`) : undefined;
}

/** Returns what happened, as the predicate of a sentence whose subject is the operation. */
function happened({ options, baseUrl }: RequestContext, { code, response }: InternalFailure, cause?: Error): string {
  if (response) {
    const status = statusOf(response);
    const verb = status >= 500 ? 'failed with' : status >= 400 ? 'was refused with' : 'was answered with a redirect,';
    return `${verb} ${status}`;
  }
  if (code === 'aborted') return 'was aborted';
  if (code === 'deadline') return `was not done within its deadline of ${Number(options.deadlineMs) / 1000} s`;
  if (code === 'timeout') return `got no answer within ${options.timeoutMs / 1000} s`;
  if (code === 'unreadable') return `could not be understood (${cause?.message})`;
  return `got no answer from ${new URL(baseUrl).origin} (${cause && (codeOf(cause) ?? cause.message)})`;
}

/** Headers in which vendors and their proxies name a request. */
const requestIdHeaders = ['x-request-id', 'request-id', 'x-correlation-id', 'cf-ray'];

function requestIdOf(headers: Headers | undefined, body: unknown): string | undefined {
  const found = requestIdHeaders.map((name) => headers?.get(name)).find(Boolean);
  return found ?? textIn(body, ['request_id', 'requestId']);
}

/** Copies an error as text only: a foreign error may hold the request, and with it the credentials. */
function redactedCause(cause: Error, secrets: readonly string[]): Error {
  const copy = new Error(redactText(cause.message, secrets));
  copy.name = redactText(String(cause.name), secrets);
  const code = codeOf(cause);
  return code === undefined ? copy : Object.assign(copy, { code });
}

/** Returns the first of these properties that is a non-empty text, of the body or of its `error`. */
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

/** Returns a short quote on one line. The text has to be redacted before: half a secret is a secret too. */
function quote(text = ''): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line && `: ${line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line}`;
}

/** Returns the vendor's message: `message`, a problem document's `detail` or `title`, an `error`, or plain text. */
function messageIn(body: unknown): string | undefined {
  if (typeof body === 'string') return /^\s*</.test(body) ? undefined : body;
  return textIn(body, ['message', 'detail', 'error_description', 'title', 'error']);
}

/** Returns the vendor's code: `code`, a problem document's `type`, or OAuth2's `error`. */
function codeIn(body: unknown): string | undefined {
  const error = textIn(body, ['error']);
  return textIn(body, ['code', 'type']) ?? (error && /^\w+$/.test(error) ? error : undefined);
}
