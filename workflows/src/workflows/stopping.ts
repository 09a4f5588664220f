import { durationSeconds, type FailureSummary } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import type { JobRun } from './job-run.ts';
import { stoppedEarly } from './run-outcome.ts';

/** Does work that ends at once when the run is asked to stop while no command runs: there is nothing to wait for then. */
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
    if (!stopped || !isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
    throw stoppedEarly();
  }
}

/**
 * Does what may take as long as the duration says, and is cancelled then.
 * @throws ApplicationFailure of the kind and with the message.
 */
export async function within<T>(
  duration: string | undefined,
  failure: FailureSummary,
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
    if (late && isCancellation(error)) throw finalFailure(failure.kind, failure.message);
    throw error;
  } finally {
    ended = true;
  }
}
