import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type JobFacts, type JobStatus, statusAt } from '../job-status.ts';
import { jobFacts } from './job-status-query.ts';

/** Options of {@link watchJob}. */
export interface WatchOptions {
  /** Ends the iteration without an error. The run continues. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two polls. Default: 500. */
  readonly intervalMs?: number | undefined;
}

/**
 * Yields the status of a run at once and after each change, except changes of time and cost alone. The last status has the phase
 * `finished`: the run has ended and its instances are gone. Yields nothing new while no worker answers.
 * @throws {JobNotFoundError} There is no such run.
 */
export async function* watchJob(
  client: Client,
  id: string,
  { signal, intervalMs = 500 }: WatchOptions = {},
): AsyncGenerator<JobStatus, void, undefined> {
  let known: JobFacts | undefined;
  while (signal?.aborted !== true) {
    const facts = await jobFacts(client, id, known);
    if (JSON.stringify(facts) !== JSON.stringify(known)) yield statusAt(facts, Date.now());
    if (facts.phase === 'finished') return;
    known = facts;
    await delay(intervalMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
