import { costCapOf, type JobStatus, jobHandle, jobOfRun } from '@gpu-clouds/jobs';
import { exitCodes } from '../cli-error.ts';
import { exitCodeOf } from '../exit-code.ts';
import { followRun, resultOf } from '../follow-run.ts';
import { withTemporal } from '../temporal.ts';
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
    const { limits } = await jobOfRun(client, id);
    const capOf = (status: JobStatus) => costCapOf(limits, status);
    const limit = timeout === undefined ? [] : [AbortSignal.timeout(timeout * 1000)];
    const signal = AbortSignal.any([terminal.signal, ...limit]);
    const status = await followRun(run, { capOf, callerSaysWhy: true }, { ...terminal, signal, prompts: undefined });
    if (status === undefined) return terminal.signal.aborted ? exitCodes.interrupted : exitCodes.timeout;
    if (json) terminal.out(JSON.stringify(status));
    return exitCodeOf(await resultOf(run));
  });
}
