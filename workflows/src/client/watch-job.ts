import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { JobStatus } from '../job-status.ts';
import { jobStatus } from './job-status-query.ts';

export interface WatchOptions {
  /** Ends the iteration without an error. The run goes on. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks. Default 500. */
  readonly intervalMs?: number;
}

/**
 * Yields the status at once and after each change other than the clock's, last with the phase `finished`: then the run has ended
 * and its machines are gone.
 */
export async function* watchJob(
  client: Client,
  id: string,
  { signal, intervalMs = 500 }: WatchOptions = {},
): AsyncGenerator<JobStatus, void, undefined> {
  let seen = '';
  while (signal?.aborted !== true) {
    const status = await jobStatus(client, id);
    const facts = withoutClock(status);
    if (facts !== seen) yield status;
    seen = facts;
    if (status.phase === 'finished') return;
    await delay(intervalMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

function withoutClock({ elapsedSeconds, costSoFar, ...facts }: JobStatus): string {
  return JSON.stringify(facts);
}
