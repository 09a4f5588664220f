import { ApiError, type ApiErrorCode } from './api-error.ts';
import type { Authentication, AuthenticationContext } from './authentication.ts';
import type { Clock } from './clock.ts';
import { InternalError } from './internal-error.ts';
import { errorOf, neverSent } from './network-error.ts';
import type { RateLimiter, Release } from './rate-limiter.ts';
import type { OutgoingRequest, Reply, RequestContext } from './request-context.ts';
import { textOf } from './response-body.ts';
import { isRetryable, retryAfterOf } from './retry.ts';
import { AbortReason, aborted, withTimeout } from './with-timeout.ts';

export interface AttemptSettings {
  readonly clock: Clock;
  readonly auth: Authentication;
  readonly context: AuthenticationContext;
  /** Returns true for a 5xx response that is a definite refusal: it had no effect and is not retried. */
  readonly refused: ((status: number, body: string) => boolean) | undefined;
  readonly rateLimiter: RateLimiter | undefined;
}

/** Returns the milliseconds before the next attempt, given the response headers, or undefined when there is none. */
type RetryDelay = (headers: Headers) => number | undefined;

/**
 * Makes one attempt, and a second one after a 401 if new credentials can be obtained.
 * @returns the reply, or the milliseconds to wait before the next attempt
 */
export async function attempt(
  settings: AttemptSettings,
  original: OutgoingRequest,
  context: RequestContext,
  signal: AbortSignal,
  retryDelay: RetryDelay,
): Promise<Reply | number> {
  const { auth, clock } = settings;
  const { row, urgent, options } = context;
  const open = row.security.length === 0;
  const limit = { clock, signal, limitMs: options.timeoutMs, code: 'timeout' } as const;
  for (let renewed = false; ; renewed = true) {
    const outgoing = { ...original, url: new URL(original.url), headers: new Headers(original.headers) };
    if (!open) await credentials(clock, signal, async () => auth.authenticate(outgoing, settings.context));
    const { method, url } = outgoing;
    // The wait for the rate limiter does not count towards the attempt's timeout.
    const limited = { method, path: url.pathname, open, urgent, maxWaitMs: options.maxRetryAfterMs };
    const release = (await settings.rateLimiter?.acquire(limited, signal)) ?? (() => {});
    let outcome: Reply | number;
    try {
      outcome = await withTimeout(limit, (signal) =>
        exchange(settings, outgoing, context, signal, retryDelay, release),
      );
    } finally {
      release();
    }
    const rejected = typeof outcome !== 'number' && outcome.response.status === 401 && !open && !renewed;
    if (!rejected || !auth.renew) return outcome;
    if (!(await credentials(clock, signal, async () => auth.renew?.(outgoing, settings.context)))) return outcome;
  }
}

/** Obtains credentials. The token request's own timeouts limit the wait, and so do this call's signal and deadline. */
async function credentials<T>(clock: Clock, signal: AbortSignal, get: () => Promise<T>): Promise<T> {
  try {
    return await withTimeout({ clock, signal, code: 'deadline' }, get);
  } catch (error) {
    if (ApiError.isInstance(error) || error instanceof AbortReason) throw error;
    const what = `could not be sent: no credentials (${errorOf(error).message})`;
    throw new InternalError({ code: 'authentication', what, cause: error });
  }
}

async function exchange(
  settings: AttemptSettings,
  outgoing: OutgoingRequest,
  context: RequestContext,
  signal: AbortSignal,
  retryDelay: RetryDelay,
  release: Release,
): Promise<Reply | number> {
  const { progress } = context;
  const { clock, refused } = settings;
  const before = progress.mayHaveTakenEffect;
  const response = await sendOnce(clock, outgoing, context, signal);
  const { status, headers } = response;
  release({ status, headers, retryAfterMs: retryAfterOf(headers, clock) });
  if (status >= 400 && status < 500 && status !== 408) progress.mayHaveTakenEffect = before;
  let body: ArrayBuffer | undefined;
  if (refused && status >= 500) {
    body = await response.arrayBuffer();
    if (refused(status, textOf(body))) {
      progress.mayHaveTakenEffect = before;
      return { response, body };
    }
  }
  const delayMs = isRetryable(status) ? retryDelay(headers) : undefined;
  // The body is part of the attempt, so that a slow one counts towards the timeout.
  if (delayMs === undefined) return { response, body: body ?? (await response.arrayBuffer()) };
  if (!body) discard(response);
  return delayMs;
}

/** Sends the request and returns the response, its body unread. */
async function sendOnce(
  clock: Clock,
  { method, url, headers, body }: OutgoingRequest,
  { progress, safe, options, emit }: RequestContext,
  signal: AbortSignal,
): Promise<Response> {
  // Redirects are not followed: credentials go to the base URL and nowhere else.
  const request = new Request(url, { method, headers, signal, redirect: 'manual', body: body ?? null });
  const before = progress.mayHaveTakenEffect;
  const attempt = ++progress.attempts;
  progress.mayHaveTakenEffect ||= !safe;
  emit('onRequest', () => ({ attempt }));
  const began = clock.now();
  const timed = () => ({ attempt, durationMs: clock.now() - began });
  try {
    const sent = options.fetch(request);
    // A response that arrives after the attempt was given up is discarded.
    sent.then((late) => signal.aborted && discard(late)).catch(() => {});
    const response = await Promise.race([sent, aborted(signal)]);
    const header = (name: string) => response.headers.get(name);
    emit('onResponse', () => ({ ...timed(), status: response.status, header }));
    return response;
  } catch (error) {
    if (neverSent(error)) progress.mayHaveTakenEffect = before;
    emit('onNoResponse', () => ({ ...timed(), code: codeOf(error) }));
    throw error;
  }
}

/** Cancels a body that nobody will read. It is not awaited: a stream may take its time. */
function discard({ body }: Response): void {
  body?.cancel().catch(() => {});
}

const codeOf = (error: unknown): ApiErrorCode => (error instanceof AbortReason ? error.code : 'connection');
