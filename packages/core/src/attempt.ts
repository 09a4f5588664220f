import { ApiError, type ApiErrorCode } from './api-error.ts';
import type { Authentication, AuthenticationContext } from './authentication.ts';
import type { Clock } from './clock.ts';
import { Failed } from './failure.ts';
import { aborted, Cut, within } from './limit.ts';
import { errorOf, neverSent } from './network-error.ts';
import type { RateLimiter, Release } from './rate-limiter.ts';
import type { OutgoingRequest } from './request.ts';
import { retryAfterOf, worthRetrying } from './retry.ts';
import type { Asked } from './transport.ts';

export interface AttemptSettings {
  readonly clock: Clock;
  readonly auth: Authentication;
  readonly context: AuthenticationContext;
  /** True for an answer that looks temporary but is a definite no: it is not retried and had no effect. */
  readonly refused: ((status: number, body: string) => boolean) | undefined;
  readonly rateLimiter: RateLimiter | undefined;
}

/** Milliseconds until the next attempt, for an answer with these headers; undefined when there is none. */
type Pause = (headers: Headers) => number | undefined;

/** One attempt, and another after a 401 if there are new credentials: the answer, or how long to wait for the next. */
export async function attempt(
  settings: AttemptSettings,
  original: OutgoingRequest,
  asked: Asked,
  signal: AbortSignal,
  pause: Pause,
): Promise<Response | number> {
  const { auth, clock, context } = settings;
  const open = asked.row.security.length === 0;
  const limit = { clock, signal, milliseconds: asked.options.timeout, code: 'timeout' } as const;
  for (let renewed = false; ; renewed = true) {
    const outgoing = { ...original, url: new URL(original.url), headers: new Headers(original.headers) };
    if (!open) await credentials(clock, signal, async () => auth.authenticate(outgoing, context));
    const { method, url } = outgoing;
    // Waiting for its turn is no part of the time that an attempt may take.
    const { urgent, options } = asked;
    const limited = { method, path: url.pathname, open, urgent, maxWait: options.maxRetryAfter };
    const release = (await settings.rateLimiter?.acquire(limited, signal)) ?? (() => {});
    let outcome: Response | number;
    try {
      outcome = await within(limit, (signal) => exchange(settings, outgoing, asked, signal, pause, release));
    } finally {
      release();
    }
    const rejected = outcome instanceof Response && outcome.status === 401 && !open && !renewed;
    if (!rejected || !auth.renew) return outcome;
    if (!(await credentials(clock, signal, async () => auth.renew?.(outgoing, context)))) return outcome;
  }
}

/** Waiting for a token is bounded by the token request's own timeouts, and by this call's signal and deadline. */
async function credentials<T>(clock: Clock, signal: AbortSignal, get: () => Promise<T>): Promise<T> {
  try {
    return await within({ clock, signal, code: 'deadline' }, get);
  } catch (error) {
    if (ApiError.isInstance(error) || error instanceof Cut) throw error;
    const what = `could not be sent: no credentials (${errorOf(error).message})`;
    throw new Failed({ code: 'authentication', what, cause: error });
  }
}

async function exchange(
  settings: AttemptSettings,
  outgoing: OutgoingRequest,
  asked: Asked,
  signal: AbortSignal,
  pause: Pause,
  release: Release,
): Promise<Response | number> {
  const { progress } = asked;
  const { refused } = settings;
  const before = progress.mayHaveTakenEffect;
  const response = await answered(settings.clock, outgoing, asked, signal);
  const { status, headers } = response;
  release({ status, headers, retryAfter: retryAfterOf(headers, settings.clock) });
  if (status >= 400 && status < 500 && status !== 408) progress.mayHaveTakenEffect = before;
  let whole: Response | undefined;
  if (refused && status >= 500) {
    whole = await buffered(response);
    if (refused(status, await whole.clone().text())) {
      progress.mayHaveTakenEffect = before;
      return whole;
    }
  }
  const wait = worthRetrying(status) ? pause(headers) : undefined;
  if (wait === undefined) return whole ?? buffered(response);
  if (!whole) discard(response);
  return wait;
}

/** Sends the request; the head of the answer. */
async function answered(clock: Clock, outgoing: OutgoingRequest, asked: Asked, signal: AbortSignal): Promise<Response> {
  const { progress, tell } = asked;
  const { method, url, headers, body } = outgoing;
  // Redirects are not followed: credentials go to the base URL and nowhere else.
  const request = new Request(url, { method, headers, signal, redirect: 'manual', ...(body && { body }) });
  const before = progress.mayHaveTakenEffect;
  const attempt = ++progress.attempts;
  progress.mayHaveTakenEffect ||= !asked.safe;
  tell('onRequest', () => ({ attempt }));
  const began = clock.now();
  const took = () => ({ attempt, milliseconds: clock.now() - began });
  try {
    const sent = asked.options.fetch(request);
    // What comes after everyone has left is let go of.
    sent.then((late) => signal.aborted && discard(late)).catch(() => {});
    const response = await Promise.race([sent, aborted(signal)]);
    const header = (name: string) => response.headers.get(name);
    tell('onResponse', () => ({ ...took(), status: response.status, header }));
    return response;
  } catch (error) {
    if (neverSent(error)) progress.mayHaveTakenEffect = before;
    tell('onNoResponse', () => ({ ...took(), code: codeOfFailure(error) }));
    throw error;
  }
}

/** Lets go of a body that nobody will read. Not awaited: a stream may take its time to agree. */
function discard({ body }: Response): void {
  body?.cancel().catch(() => {});
}

/** The same answer, read to its end, so that a slow body counts as part of the attempt. */
async function buffered(response: Response): Promise<Response> {
  const headers = new Headers(response.headers);
  // They describe the bytes as they travelled, not as they are now.
  headers.delete('content-encoding');
  headers.delete('content-length');
  const bytes = await response.arrayBuffer();
  // Browsers hide a redirect that is not followed behind status 0, which no Response can be made with.
  const status = response.status || 302;
  return new Response(bytes.byteLength > 0 ? bytes : null, { status, statusText: response.statusText, headers });
}

const codeOfFailure = (error: unknown): ApiErrorCode => (error instanceof Cut ? error.code : 'connection');
