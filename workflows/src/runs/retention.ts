import { setTimeout as delay } from 'node:timers/promises';
import { durationSeconds, type RunStore } from '@gpu-clouds/jobs';
import { pruneRuns } from '@gpu-clouds/jobs/worker';
import type { Client } from '@temporalio/client';

const intervalMs = 3_600_000;

export interface RetentionOptions {
  readonly client: Client;
  readonly runs: RunStore;
  /** How long runs and inputs stay after their last change or use. */
  readonly keepSeconds: number;
  /** Called if the store or Temporal fails. The next attempt is made an hour later. */
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Removes old runs and inputs from the run store every hour, until the signal aborts. Workers that share a store may all do so. */
export async function keepRuns({ client, runs, keepSeconds, onFailure, signal }: RetentionOptions): Promise<void> {
  while (!signal.aborted) {
    await pruneRuns(client, runs, keepSeconds).catch(onFailure);
    await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/**
 * Returns the retention in seconds that `GPU_CLOUDS_KEEP` names, or undefined if everything is kept.
 * @throws {RangeError} It is not a duration.
 */
export function keepSecondsIn(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const keep = env.GPU_CLOUDS_KEEP;
  if (!keep) return undefined;
  try {
    const seconds = durationSeconds(keep);
    if (seconds > 0) return seconds;
  } catch {
    // Reported below.
  }
  throw new RangeError(`GPU_CLOUDS_KEEP is "${keep}". Use a duration such as 30d, or leave it unset to keep all runs.`);
}
