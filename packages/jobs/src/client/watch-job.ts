import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type JobFacts, type JobStatus, statusAt } from '../job-status.ts';
import { jobFacts } from './job-status-query.ts';

/** How often {@link watchJob} looks, and when it stops looking. */
export interface WatchOptions {
  /** Ends the iteration without an error. The run goes on. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks. Default 500. */
  readonly intervalMs?: number;
}

/**
 * Yields the status at once and after each change other than the clock's, last with the phase `finished`: then the run has ended
 * and its instances are gone. While no worker answers, the last known status stands.
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
