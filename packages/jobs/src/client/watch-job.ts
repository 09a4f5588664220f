import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type JobFacts, type JobStatus, statusAt } from '../job-status.ts';
import { jobFacts } from './job-status-query.ts';

/** Options of {@link watchJob}. */
export interface WatchOptions {
  /** Ends the iteration without an error, and a poll that Temporal does not answer. The run continues. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two polls. Default: 500. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds after which a poll that Temporal does not answer fails. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Yields the status of a run at once and after each change, except changes of time and cost alone. The last status has the phase
 * `finished`: the run has ended and its instances are gone. Yields nothing new while no worker answers.
 * @throws {JobNotFoundError} There is no such run.
 * @throws {ServiceError} Temporal cannot be reached, or does not answer in time. The run continues.
 */
export async function* watchJob(
  client: Client,
  id: string,
  { signal, intervalMs = 500, timeoutMs = 10_000 }: WatchOptions = {},
): AsyncGenerator<JobStatus, void, undefined> {
  let known: JobFacts | undefined;
  while (signal?.aborted !== true) {
    const facts = await unlessAborted(signal, (reading) =>
      client.connection.withAbortSignal(reading, () =>
        client.connection.withDeadline(Date.now() + timeoutMs, () => jobFacts(client, id, known)),
      ),
    );
    if (facts === undefined) return;
    if (JSON.stringify(facts) !== JSON.stringify(known)) yield statusAt(facts, Date.now());
    if (facts.phase === 'finished') return;
    known = facts;
    await delay(intervalMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/**
 * Returns what is read, or undefined once the signal aborts. The read has a signal of its own, because Temporal's client never removes its
 * listeners, and the caller's signal may live for days.
 */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  read: (own: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const own = new AbortController();
  const stop = () => own.abort();
  signal?.addEventListener('abort', stop);
  try {
    const value = await read(own.signal);
    return signal?.aborted === true ? undefined : value;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    return undefined;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
