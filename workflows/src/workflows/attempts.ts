import type { InstanceJob } from '@gpu-clouds/jobs/contract';
import type { JobRun } from './job-run.ts';
import type { CommandEnd } from './run-command.ts';
import { timestamp } from './run-record.ts';

/**
 * Runs the command until it has ended in a way that `retry.onFailure` does not cover, and returns how. Returns undefined if the next attempt
 * is to run on another instance.
 */
export async function untilLastAttempt(
  run: JobRun<InstanceJob>,
  attempt: () => Promise<CommandEnd>,
): Promise<CommandEnd | undefined> {
  const { onFailure } = run.order.job.retry;
  if (onFailure === undefined) return attempt();
  if (run.record.facts.attempts === undefined) begin(run);
  for (;;) {
    const end = await attempt();
    noteEnd(run, end.exitCode);
    if (!mayRepeat(run, end)) return end;
    begin(run);
    if (onFailure.sameInstance) continue;
    run.beginElsewhere();
    return undefined;
  }
}

function mayRepeat({ order, attempt, stopRequested }: JobRun<InstanceJob>, { exitCode, asked }: CommandEnd): boolean {
  const { attempts = 0, exitCodes } = order.job.retry.onFailure ?? {};
  if (asked !== undefined || stopRequested || exitCode === 0 || attempt > attempts) return false;
  return exitCodes === undefined || exitCodes.includes(exitCode);
}

function begin({ record }: JobRun): void {
  const { attempts = [] } = record.facts;
  record.change({ attempts: [...attempts, { attempt: attempts.length + 1, since: timestamp() }] });
}

function noteEnd({ record, attempt }: JobRun, exitCode: number): void {
  const attempts = record.facts.attempts?.map((each) =>
    each.attempt === attempt ? { ...each, until: timestamp(), exitCode } : each,
  );
  record.change({ attempts });
}
