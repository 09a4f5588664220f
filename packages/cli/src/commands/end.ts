import { costCapOf, JobNotFoundError, type JobStatus, jobHandle, jobOfRun } from '@gpu-clouds/jobs';
import { exitCodes } from '../cli-error.ts';
import { followRun } from '../follow-run.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface EndOptions {
  /** Return before the instances are gone. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Ends a run, and waits until its instances are gone unless `detach` is set. `stop` lets the command exit and collects its files, `cancel`
 * does neither. Succeeds as well if the run has ended.
 * @returns 0, or 130 when interrupted
 */
export async function end(
  id: string,
  way: 'stop' | 'cancel',
  { detach = false, json }: EndOptions,
  terminal: Terminal,
): Promise<number> {
  return withTemporal(terminal, async (client) => {
    const run = jobHandle(client, id);
    const before = await run.status();
    if (before.phase === 'finished') {
      if (json) terminal.out(JSON.stringify(before));
      else terminal.note(`${id} had already ended: ${before.outcome ?? 'finished'}.`);
      return exitCodes.success;
    }
    await run[way]().catch((error: unknown) => {
      // It has ended meanwhile.
      if (!(error instanceof JobNotFoundError)) throw error;
    });
    if (detach) {
      if (json) terminal.out(JSON.stringify(before));
      terminal.note(
        `${way === 'stop' ? 'Stop' : 'Cancellation'} of ${id} requested. It bills until its instances are destroyed.`,
      );
      return exitCodes.success;
    }
    const { limits } = await jobOfRun(client, id);
    const capOf = (latest: JobStatus) => costCapOf(limits, latest);
    const status = await followRun(run, { capOf }, { ...terminal, prompts: undefined });
    if (status === undefined) return exitCodes.interrupted;
    if (json) terminal.out(JSON.stringify(status));
    return exitCodes.success;
  });
}
