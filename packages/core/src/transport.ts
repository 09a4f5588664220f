import { ApiError } from './api-error.ts';
import type { Authentication, AuthenticationContext, OutgoingRequest } from './authentication.ts';
import type { CallOptions } from './call-options.ts';
import type { Clock } from './clock.ts';
import { apiError, type Subject } from './failure.ts';
import { Cut, sleep, within } from './limit.ts';
import { codeOf, neverSent, rootOf } from './network-error.ts';
import type { Operation } from './operation.ts';
import { backoff, retryAfterOf, worthRetrying } from './retry.ts';

export interface TransportSettings {
  readonly clock: Clock;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly auth: Authentication;
  readonly context: AuthenticationContext;
  /** Milliseconds an attempt. */
  readonly timeout: number;
  /** Milliseconds a call. */
  readonly deadline: number | undefined;
  readonly maxRetries: number;
  /** Milliseconds. A vendor that asks for a longer wait gets none: the call fails and says how long. */
  readonly maxRetryAfter: number;
  /** True for an answer that looks temporary but is a definite no: it is not retried and had no effect. */
  readonly refused: ((status: number, body: string) => boolean) | undefined;
}

/** One call to be sent. */
export interface Asked extends Subject {
  readonly row: Operation;
  readonly options: CallOptions;
  /** True when it changes nothing at the vendor's. */
  readonly safe: boolean;
}

export const idempotencyHeader = 'Idempotency-Key';

/** The `fetch` under every call: credentials, timeouts, retries. Answers are read to the end. @throws ApiError */
export type Transport = (request: Request, asked: Asked) => Promise<Response>;

export function createTransport(settings: TransportSettings): Transport {
  const { clock } = settings;

  return async function send(request, asked) {
    const { signal = request.signal, deadline = settings.deadline } = asked.options;
    try {
      const limit = { clock, signal, milliseconds: deadline, code: 'deadline' } as const;
      return await within(limit, async (signal) => tries(await kept(request, asked.row), asked, signal));
    } catch (error) {
      throw failureOf(error, asked, request);
    }
  };

  async function tries(original: OutgoingRequest, asked: Asked, signal: AbortSignal): Promise<Response> {
    const { maxRetries = settings.maxRetries, deadline = settings.deadline } = asked.options;
    const end = deadline === undefined ? Number.POSITIVE_INFINITY : clock.now() + deadline;
    const attempts = asked.row.repeatable || asked.row.idempotencyKey ? maxRetries : 0;
    /** Milliseconds to wait before the next attempt; undefined when there is none. */
    const pause = (retry: number, headers?: Headers) => {
      if (retry >= attempts) return undefined;
      const asks = headers && retryAfterOf(headers, clock);
      if (asks !== undefined && asks > settings.maxRetryAfter) return undefined;
      const delay = (asks ?? 0) + backoff(asks === undefined ? retry : 0, clock);
      return clock.now() + delay < end ? delay : undefined;
    };

    for (let retry = 0; ; retry++) {
      let wait: number | undefined;
      try {
        const outcome = await attempt(original, asked, signal, (headers) => pause(retry, headers));
        if (outcome instanceof Response) return outcome;
        wait = outcome;
      } catch (error) {
        wait = isFinal(error) ? undefined : pause(retry);
        if (wait === undefined) throw error;
      }
      await sleep(clock, wait, signal);
    }
  }

  /** One attempt, and another after a 401 if there are new credentials: the answer, or how long to wait for the next. */
  async function attempt(
    original: OutgoingRequest,
    asked: Asked,
    signal: AbortSignal,
    pause: (headers: Headers) => number | undefined,
  ): Promise<Response | number> {
    const { auth, context } = settings;
    const open = asked.row.security.length === 0;
    const limit = { clock, signal, milliseconds: asked.options.timeout ?? settings.timeout, code: 'timeout' } as const;
    for (let renewed = false; ; renewed = true) {
      const outgoing = { ...original, url: new URL(original.url), headers: new Headers(original.headers) };
      if (!open) await credentials(asked, signal, async () => auth.authenticate(outgoing, context));
      const outcome = await within(limit, (signal) => exchange(outgoing, asked, signal, pause));
      const rejected = outcome instanceof Response && outcome.status === 401 && !open && !renewed;
      if (!rejected || !auth.renew) return outcome;
      if (!(await credentials(asked, signal, async () => auth.renew?.(outgoing, context)))) return outcome;
    }
  }

  /** Waiting for a token is bounded by the token request's own timeouts, and by this call's signal and deadline. */
  async function credentials<T>(asked: Asked, signal: AbortSignal, get: () => Promise<T>): Promise<T> {
    try {
      return await within({ clock, signal, code: 'deadline' }, get);
    } catch (error) {
      if (ApiError.isInstance(error) || error instanceof Cut) throw error;
      const what = `could not be sent: no credentials (${error instanceof Error ? error.message : error})`;
      throw apiError(asked, { code: 'authentication', what, cause: error });
    }
  }

  async function exchange(
    outgoing: OutgoingRequest,
    asked: Asked,
    signal: AbortSignal,
    pause: (headers: Headers) => number | undefined,
  ): Promise<Response | number> {
    const { progress } = asked;
    const before = progress.mayHaveTakenEffect;
    const { method, url, headers, body } = outgoing;
    // Redirects are not followed: credentials go to the base URL and nowhere else.
    const request = new Request(url, { method, headers, signal, redirect: 'manual', ...(body && { body }) });
    progress.attempts += 1;
    progress.mayHaveTakenEffect ||= !asked.safe;
    let response: Response;
    try {
      response = await settings.fetch(request);
    } catch (error) {
      if (neverSent(error)) progress.mayHaveTakenEffect = before;
      throw error;
    }
    if (signal.aborted) {
      discard(response);
      throw signal.reason;
    }
    const { status } = response;
    if (status >= 400 && status < 500 && status !== 408) progress.mayHaveTakenEffect = before;
    const wait = worthRetrying(status) ? pause(response.headers) : undefined;
    if (wait !== undefined && !settings.refused) {
      discard(response);
      return wait;
    }
    const whole = await buffered(response);
    if (status >= 500 && settings.refused?.(status, await whole.clone().text())) {
      progress.mayHaveTakenEffect = before;
      return whole;
    }
    return wait ?? whole;
  }

  function failureOf(error: unknown, asked: Asked, request: Request): ApiError {
    if (ApiError.isInstance(error)) return afterEarlierAttempts(error, asked);
    if (error instanceof Cut) {
      const { timeout = settings.timeout, deadline = settings.deadline } = asked.options;
      const what = {
        aborted: 'was aborted',
        deadline: `was not done within its deadline of ${(deadline ?? 0) / 1000} s`,
        timeout: `got no answer within ${timeout / 1000} s`,
      }[error.code];
      return apiError(asked, { code: error.code, what, ...(error.cause !== undefined && { cause: error.cause }) });
    }
    const cause = rootOf(error);
    const what = `got no answer from ${new URL(request.url).origin} (${codeOf(cause) ?? cause.message})`;
    return apiError(asked, { code: 'connection', what, cause });
  }
}

/** A token request failed on a later attempt: what an earlier one may have done is still true. */
function afterEarlierAttempts(error: ApiError, { progress }: Asked): ApiError {
  if (!progress.mayHaveTakenEffect || error.mayHaveTakenEffect) return error;
  return new ApiError(error.message, { ...error.toJSON(), mayHaveTakenEffect: true }, { cause: error.cause });
}

const isFinal = (error: unknown) => ApiError.isInstance(error) || (error instanceof Cut && error.code !== 'timeout');

/** The request with its body as bytes, so that it can be sent again, and with a key where the vendor knows one. */
async function kept(request: Request, row: Operation): Promise<OutgoingRequest> {
  const headers = new Headers(request.headers);
  if (row.idempotencyKey && !headers.has(idempotencyHeader)) headers.set(idempotencyHeader, crypto.randomUUID());
  const bytes = new Uint8Array(await request.arrayBuffer());
  return { method: request.method, url: new URL(request.url), headers, body: bytes.length > 0 ? bytes : undefined };
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
