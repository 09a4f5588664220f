import { type EndedInstance, endedInstance } from '@gpu-clouds/jobs/worker';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { EarlierInstanceInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Returns an instance that the run rented before it was reset, once its owner has ended. Undefined if the run has no such owner.
 * @throws ApplicationFailure, to be retried after a pause, until then. Temporal waits without a slot of the worker.
 */
export function earlierInstance({ timing }: Pick<Dependencies, 'timing'>) {
  return async ({ owner, run }: EarlierInstanceInput): Promise<EndedInstance | undefined> => {
    const found = await endedInstance(Context.current().client, owner, run);
    if (found !== 'running') return found;
    throw ApplicationFailure.create({
      message: `${owner} is running.`,
      nextRetryDelay: timing.watchIntervalMs,
      category: ApplicationFailureCategory.BENIGN,
    });
  };
}
