import type { InstanceEnd, InstanceRequest } from '@gpu-clouds/jobs/contract';
import { allHandlersFinished, CancellationScope, condition, setWorkflowOptions } from '@temporalio/workflow';
import { Lease } from './lease.ts';

// Otherwise Temporal would retry a plain Error forever while the instance bills.
setWorkflowOptions({ failureExceptionTypes: [Error] }, instance);

/**
 * Owns one instance or job deployment from the create call until the cloud no longer shows it: as a child of the run that uses it, or by
 * itself, as a lease. Its id is the instance name, so anyone who finds the instance can look up its owner. It ends only once the instance
 * is gone.
 */
export async function instance(request: InstanceRequest): Promise<InstanceEnd> {
  const lease = new Lease(request); // knows the instance name: teardown works from this line on
  let end: InstanceEnd;
  try {
    end = await lease.live();
  } finally {
    await CancellationScope.nonCancellable(async () => {
      await lease.destroyUntilGone();
      await condition(allHandlersFinished);
    });
  }
  return lease.hasExisted ? end : { ...end, neverExisted: true };
}
