import { durationSeconds } from '@gpu-clouds/jobs/contract';
import { type ApplicationFailure, CancellationScope, condition } from '@temporalio/workflow';
import type { JobRun } from './job-run.ts';
import { stoppedEarly } from './run-outcome.ts';

/** Does work, and cancels it when the run is asked to stop while no command runs that could end by itself. */
export async function unlessStopped<T>(run: JobRun, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  let stopped = false;
  condition(() => run.stopRequested && !run.commandBegan).then(
    () => {
      stopped = true;
      scope.cancel();
    },
    () => undefined,
  );
  try {
    return await scope.run(work);
  } catch (error) {
    // Any failure after the cancellation follows from it: an activity whose worker ends then fails instead of being cancelled.
    if (!stopped || CancellationScope.current().consideredCancelled) throw error;
    throw stoppedEarly();
  }
}

/**
 * Does work, and cancels it after the duration.
 * @throws The failure, if the work was cancelled for its time.
 */
export async function within<T>(
  duration: string | undefined,
  failure: ApplicationFailure,
  work: () => Promise<T>,
): Promise<T> {
  if (duration === undefined) return work();
  const scope = new CancellationScope();
  let [ended, late] = [false, false];
  const timer = condition(() => ended, durationSeconds(duration) * 1000).then((inTime) => {
    late = !inTime;
    if (late) scope.cancel();
  });
  timer.catch(() => undefined);
  try {
    return await scope.run(work);
  } catch (error) {
    // As in unlessStopped, any failure after the cancellation follows from it.
    throw late ? failure : error;
  } finally {
    ended = true;
  }
}
