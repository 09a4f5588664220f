import { costCapOf, type JobHandle, type JobStatus, jobHandle, jobOfRun } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { exitCodes } from '../cli-error.ts';
import { exitCodeOf } from '../exit-code.ts';
import { followRun, lossOf, resultOf } from '../follow-run.ts';
import { readPersistently, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface WaitOptions {
  /** Seconds after which to give up. */
  readonly timeout?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Waits until a run has ended and its instances are gone.
 * @returns the exit code of the run, 7 after the time limit, or 130 when interrupted
 * @throws {CliError} when the run failed before its command ended
 */
export async function wait(id: string, { timeout, json }: WaitOptions, terminal: Terminal): Promise<number> {
  return withTemporal(terminal, async (client) => {
    const run = jobHandle(client, id);
    const limit = timeout === undefined ? [] : [AbortSignal.timeout(timeout * 1000)];
    const signal = AbortSignal.any([terminal.signal, ...limit]);
    const status = await followed(client, run, { ...terminal, signal, prompts: undefined });
    if (status === undefined) return terminal.signal.aborted ? exitCodes.interrupted : exitCodes.timeout;
    if (json) terminal.out(JSON.stringify(status));
    return exitCodeOf(await resultOf(client, run, terminal));
  });
}

/** Returns the last status, or undefined when the signal aborts first. */
async function followed(client: Client, run: JobHandle, terminal: Terminal): Promise<JobStatus | undefined> {
  const read = () => jobOfRun(client, run.id);
  const job = await readPersistently(client, lossOf(run.id, terminal), terminal, read).catch((error: unknown) => {
    if (!terminal.signal.aborted) throw error;
    return undefined;
  });
  // Without the job the signal has aborted, and `followRun` only says that the run continues.
  const capOf = (status: JobStatus) => job && costCapOf(job.limits, status);
  return followRun(run, { capOf, callerSaysWhy: true }, terminal);
}
