import { ApiError } from './api-error.ts';
import { type AttemptSettings, attempt } from './attempt.ts';
import type { CallOptions } from './call-options.ts';
import { explained, Failed, type Subject } from './failure.ts';
import type { Teller } from './hooks.ts';
import { Cut, sleep, within } from './limit.ts';
import type { Operation } from './operation.ts';
import { idempotencyHeader, type OutgoingRequest } from './request.ts';
import { backoff, retryAfterOf } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface TransportSettings extends AttemptSettings {
  readonly retryBudget: RetryBudget;
}

/** Options of a call, with those of its client and the defaults filled in. */
export interface Limits extends CallOptions {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly maxRetryAfter: number;
}

/** One call to be sent. */
export interface Asked extends Subject, Teller {
  readonly row: Operation;
  /** True when it changes nothing at the vendor's. */
  readonly safe: boolean;
  /** True when it waits for its turn before all that are not. */
  readonly urgent: boolean;
}

/** The `fetch` under every call: credentials, timeouts, retries. Answers are read to the end. @throws ApiError */
export type Transport = (outgoing: OutgoingRequest, asked: Asked) => Promise<Response>;

export function createTransport(settings: TransportSettings): Transport {
  const { clock, retryBudget } = settings;

  return async function send(outgoing, asked) {
    const { signal, deadline } = asked.options;
    const { progress, row } = asked;
    if (row.idempotencyKey) {
      progress.idempotencyKey = outgoing.headers.get(idempotencyHeader) ?? crypto.randomUUID();
      outgoing.headers.set(idempotencyHeader, progress.idempotencyKey);
    }
    try {
      const limit = { clock, signal, milliseconds: deadline, code: 'deadline' } as const;
      return await within(limit, (signal) => tries(outgoing, asked, signal));
    } catch (error) {
      throw await explained(asked, error, 'connection');
    }
  };

  async function tries(outgoing: OutgoingRequest, asked: Asked, signal: AbortSignal): Promise<Response> {
    const { maxRetries, maxRetryAfter, deadline = Number.POSITIVE_INFINITY } = asked.options;
    const end = clock.now() + deadline;
    const attempts = asked.row.repeatable || asked.row.idempotencyKey ? maxRetries : 0;
    /** Milliseconds to wait before the next attempt; undefined when there is none. */
    const pause = (retry: number, headers?: Headers) => {
      if (retry >= attempts) return undefined;
      const asks = headers && retryAfterOf(headers, clock);
      if (asks !== undefined && asks > maxRetryAfter) return undefined;
      const delay = (asks ?? 0) + backoff(asks === undefined ? retry : 0, clock);
      if (clock.now() + delay >= end) return undefined;
      asked.progress.retryBudgetSpent = !retryBudget.spend();
      return asked.progress.retryBudgetSpent ? undefined : delay;
    };

    for (let retry = 0; ; retry++) {
      let delay: number | undefined;
      try {
        const outcome = await attempt(settings, outgoing, asked, signal, (headers) => pause(retry, headers));
        if (outcome instanceof Response) {
          if (outcome.status < 400) retryBudget.earn();
          return outcome;
        }
        delay = outcome;
      } catch (error) {
        delay = isFinal(error) ? undefined : pause(retry);
        if (delay === undefined) throw error;
      }
      const wait = delay;
      asked.tell('onRetry', () => ({ attempt: asked.progress.attempts, delay: wait }));
      await sleep(clock, wait, signal);
    }
  }
}

const isFinal = (error: unknown) =>
  ApiError.isInstance(error) || error instanceof Failed || (error instanceof Cut && error.code !== 'timeout');
