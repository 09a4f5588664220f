import { ApiError } from './api-error.ts';
import { type AttemptSettings, attempt } from './attempt.ts';
import { InternalError } from './internal-error.ts';
import { idempotencyHeader } from './request.ts';
import type { OutgoingRequest, Reply, RequestContext } from './request-context.ts';
import { backoff, retryAfterOf } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import { toApiError } from './to-api-error.ts';
import { AbortReason, sleep, withTimeout } from './with-timeout.ts';

export interface TransportSettings extends AttemptSettings {
  readonly retryBudget: RetryBudget;
}

/** Sends a request with credentials, timeouts, and retries, and reads the response. @throws {ApiError} */
export type Transport = (outgoing: OutgoingRequest, context: RequestContext) => Promise<Reply>;

export function createTransport(settings: TransportSettings): Transport {
  const { clock, retryBudget } = settings;

  return async function send(outgoing, context) {
    const { options, progress, row } = context;
    const { signal, deadlineMs } = options;
    if (row.idempotencyKey) {
      progress.idempotencyKey = outgoing.headers.get(idempotencyHeader) ?? crypto.randomUUID();
      outgoing.headers.set(idempotencyHeader, progress.idempotencyKey);
    }
    try {
      if (deadlineMs === undefined) return await attempts(outgoing, context, signal);
      const limit = { clock, signal, limitMs: deadlineMs, code: 'deadline' } as const;
      return await withTimeout(limit, (signal) => attempts(outgoing, context, signal));
    } catch (error) {
      throw toApiError(context, error, 'connection');
    }
  };

  async function attempts(outgoing: OutgoingRequest, context: RequestContext, signal?: AbortSignal): Promise<Reply> {
    const { options, progress, row, emit } = context;
    const { maxRetries, maxRetryAfterMs, deadlineMs = Number.POSITIVE_INFINITY } = options;
    const end = clock.now() + deadlineMs;
    const retries = row.repeatable || row.idempotencyKey ? maxRetries : 0;
    /** Returns the milliseconds before the next attempt, or undefined when there is none. */
    const retryDelay = (retry: number, headers?: Headers) => {
      if (retry >= retries) return undefined;
      const retryAfterMs = headers && retryAfterOf(headers, clock);
      if (retryAfterMs !== undefined && retryAfterMs > maxRetryAfterMs) return undefined;
      const delayMs = (retryAfterMs ?? 0) + backoff(retryAfterMs === undefined ? retry : 0, clock);
      if (clock.now() + delayMs >= end) return undefined;
      progress.retryBudgetSpent = !retryBudget.spend();
      return progress.retryBudgetSpent ? undefined : delayMs;
    };

    for (let retry = 0; ; retry++) {
      let delayMs: number;
      try {
        const outcome = await attempt(settings, outgoing, context, signal, (headers) => retryDelay(retry, headers));
        if (typeof outcome !== 'number') {
          if (outcome.response.status < 400) retryBudget.earn();
          return outcome;
        }
        delayMs = outcome;
      } catch (error) {
        const delay = isFinal(error) ? undefined : retryDelay(retry);
        if (delay === undefined) throw error;
        delayMs = delay;
      }
      emit('onRetry', () => ({ attempt: progress.attempts, delayMs }));
      await sleep(clock, delayMs, signal);
    }
  }
}

const isFinal = (error: unknown) =>
  ApiError.isInstance(error) ||
  error instanceof InternalError ||
  (error instanceof AbortReason && error.code !== 'timeout');
