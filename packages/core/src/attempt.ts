import { ApiError, type ApiErrorCode } from './api-error.ts';
import type { Authentication, AuthenticationContext } from './authentication.ts';
import type { Clock } from './clock.ts';
import { InternalError } from './internal-error.ts';
import { errorOf, neverSent } from './network-error.ts';
import type { RateLimiter, Release } from './rate-limiter.ts';
import type { OutgoingRequest, Reply, RequestContext } from './request-context.ts';
import { boundedBody, textOf } from './response-body.ts';
import { isRetryable, retryAfterOf } from './retry.ts';
import { AbortReason, aborted, withSignal } from './with-timeout.ts';

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
  outgoing: OutgoingRequest,
  context: RequestContext,
  signal: AbortSignal | undefined,
  retryDelay: RetryDelay,
): Promise<Reply | number> {
  const { auth, clock } = settings;
  const limit = { clock, signal, code: 'timeout' } as const;
  const once = () =>
    withSignal(limit, (signal, startTimer) => admitted(settings, outgoing, context, signal, startTimer, retryDelay));
  const outcome = await once();
  const rejected = typeof outcome !== 'number' && outcome.response.status === 401 && context.row.security.length > 0;
  if (!rejected || !auth.renew) return outcome;
  const renewed = await withSignal(limit, () => credentials(() => auth.renew?.(outgoing, settings.context)));
  return renewed ? once() : outcome;
}

/** Adds the credentials, waits for the rate limiter, and sends the request. Only the last counts towards the timeout. */
async function admitted(
  settings: AttemptSettings,
  outgoing: OutgoingRequest,
  context: RequestContext,
  signal: AbortSignal,
  startTimer: (limitMs: number) => void,
  retryDelay: RetryDelay,
): Promise<Reply | number> {
  const { auth, rateLimiter } = settings;
  const { row, urgent, options } = context;
  const open = row.security.length === 0;
  if (!open) await credentials(() => auth.authenticate(outgoing, settings.context));
  const { method, url } = outgoing;
  const limited = { method, path: url.pathname, open, urgent, maxWaitMs: options.maxRetryAfterMs };
  const release = (await rateLimiter?.acquire(limited, signal)) ?? (() => {});
  try {
    startTimer(options.timeoutMs);
    return await exchange(settings, outgoing, context, signal, retryDelay, release);
  } finally {
    release();
  }
}

/** Obtains credentials. The token request's own timeouts limit the wait, and so do this call's signal and deadline. */
async function credentials<T>(get: () => T | Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    if (ApiError.isInstance(error)) throw error;
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
  release({ status, headers, retryAfterMs: status === 429 ? retryAfterOf(headers, clock) : undefined });
  if (status >= 400 && status < 500 && status !== 408) progress.mayHaveTakenEffect = before;
  let body: Reply['body'] | undefined;
  if (refused && status >= 500) {
    body = await boundedBody(response);
    if (refused(status, textOf(body))) {
      progress.mayHaveTakenEffect = before;
      return { response, body };
    }
  }
  const delayMs = isRetryable(status) ? retryDelay(headers) : undefined;
  // The body is part of the attempt, so that a slow one counts towards the timeout.
  if (delayMs === undefined) return { response, body: body ?? (await boundedBody(response)) };
  discard(response);
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
  const init = { method, headers, signal, redirect: 'manual', body: body ?? null } as const;
  const before = progress.mayHaveTakenEffect;
  const attempt = ++progress.attempts;
  progress.mayHaveTakenEffect ||= !safe;
  emit('onRequest', () => ({ attempt }));
  const began = clock.now();
  const timed = () => ({ attempt, durationMs: clock.now() - began });
  try {
    const response = await (options.fetch ? sendWith(options.fetch, new Request(url, init), signal) : fetch(url, init));
    const header = (name: string) => response.headers.get(name);
    emit('onResponse', () => ({ ...timed(), status: response.status, header }));
    return response;
  } catch (error) {
    if (neverSent(error)) progress.mayHaveTakenEffect = before;
    emit('onNoResponse', () => ({ ...timed(), code: codeOf(error) }));
    throw error;
  }
}

/** Sends a request with a function of the caller, which may ignore the signal. A response that is late is discarded. */
function sendWith(
  send: (request: Request) => Promise<Response>,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const sent = send(request);
  sent.then((late) => signal.aborted && discard(late)).catch(() => {});
  return Promise.race([sent, aborted(signal)]);
}

/** Cancels a body that nobody will read. It is not awaited: a stream may take its time. */
function discard({ body }: Response): void {
  body?.cancel().catch(() => {});
}

const codeOf = (error: unknown): ApiErrorCode => (error instanceof AbortReason ? error.code : 'connection');
