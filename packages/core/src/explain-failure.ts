import type { ApiErrorCode, ApiErrorDetails } from './api-error.ts';
import type { Failure, Subject } from './failure.ts';
import { redact, redactText, secretsIn } from './redact.ts';

// Loaded with the first failure. Of what is loaded before nothing but types is imported, so that this file and redact.ts
// are all that a bundler puts into the later part.

export interface Explanation {
  readonly message: string;
  readonly details: Pick<ApiErrorDetails, 'vendorCode' | 'requestId' | 'body'>;
  readonly cause: Error | undefined;
}

const advice: Partial<Record<ApiErrorCode, string>> = {
  authentication: 'Check the credentials.',
  connection: 'Check the network and the base URL.',
  'payment-required': 'Top up the account, or set up a payment method.',
  permission: 'These credentials do not allow it.',
};

/** What an error says. The one place where a message is put together, and redacted. */
export function inWords(subject: Subject, failure: Failure): Explanation {
  const { vendor, operation, method, path, progress } = subject;
  const { code, response, body, retryAfter } = failure;
  const secrets = [...subject.secrets, ...secretsIn(subject.args)];
  const refused = response && !response.ok;
  const cause = causeOf(failure);
  const what = failure.what ?? happened(subject, failure, cause);
  const said = failure.said ?? (refused ? vendorMessage(body) : undefined);
  const tries = progress.attempts > 1 ? ` (attempt ${progress.attempts})` : '';
  const message = [
    `${vendor} ${operation} (${method} ${path}) ${redactText(what, secrets)}${quote(said, secrets)}${tries}.`,
    progress.retryBudgetSpent && 'It was not tried again: so many calls failed lately that the retry budget is spent.',
    progress.mayHaveTakenEffect && 'It may have taken effect: look for what it would have done before asking again.',
    retryAfter !== undefined ? `Try again in ${Math.ceil(retryAfter / 1000)} s.` : advice[code],
  ];
  const requestId = requestIdOf(response?.headers, body);
  return {
    message: message.filter(Boolean).join(' '),
    details: redact(
      { vendorCode: refused ? vendorCode(body) : undefined, requestId, body },
      secrets,
    ) as Explanation['details'],
    cause: cause && redactedCause(cause, secrets),
  };
}

function causeOf({ cause, response }: Failure): Error | undefined {
  if (cause !== undefined) return cause instanceof Error ? cause : new Error(String(cause));
  const location = response && !response.ok && response.headers.get('location');
  return location ? new Error(`Location: ${location.split('?')[0]}`) : undefined;
}

/** What happened, for a sentence that begins with the operation. */
function happened({ options, baseUrl }: Subject, { code, response }: Failure, cause: Error | undefined): string {
  if (response) {
    const { status } = response;
    const verb = status >= 500 ? 'failed with' : status >= 400 ? 'was refused with' : 'was answered with a redirect,';
    return `${verb} ${status}`;
  }
  if (code === 'aborted') return 'was aborted';
  if (code === 'deadline') return `was not done within its deadline of ${Number(options.deadline) / 1000} s`;
  if (code === 'timeout') return `got no answer within ${options.timeout / 1000} s`;
  const { code: reason, message } = cause as Error & { readonly code?: unknown };
  if (code === 'unreadable') return `could not be understood (${message})`;
  return `got no answer from ${new URL(baseUrl).origin} (${typeof reason === 'string' ? reason : message})`;
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
function redactedCause(cause: Error, secrets: Iterable<string>): Error {
  const { name, message, code } = cause as Error & { code?: unknown };
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
function vendorMessage(body: unknown): string | undefined {
  if (typeof body === 'string') return /^\s*</.test(body) ? undefined : body;
  return textIn(body, ['message', 'detail', 'error_description', 'title', 'error']);
}

/** The vendor's code for what went wrong: `code`, a problem document's `type`, or OAuth2's `error`. */
function vendorCode(body: unknown): string | undefined {
  const error = textIn(body, ['error']);
  return textIn(body, ['code', 'type']) ?? (error && /^\w+$/.test(error) ? error : undefined);
}
