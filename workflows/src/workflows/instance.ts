import type { InstanceEnd, InstanceRequest } from '@gpu-clouds/jobs/contract';
import { allHandlersFinished, CancellationScope, condition, setWorkflowOptions } from '@temporalio/workflow';
import { Lease } from './lease.ts';

// A plain Error would otherwise be retried for ever while the instance bills.
setWorkflowOptions({ failureExceptionTypes: [Error] }, instance);

/**
 * Owns one instance from the create call until the cloud no longer shows it: a child of the run that uses it, or by itself, as a lease. Its
 * id is the instance's instance name, so that whoever finds the instance can ask whether it is wanted. However it ends, the instance is gone by then.
 */
export async function instance(request: InstanceRequest): Promise<InstanceEnd> {
  const lease = new Lease(request); // knows the instanceName: teardown works from this line on
  try {
    return await lease.within(async () => {
      await lease.create();
      await lease.becomeReady();
      return await lease.untilLost();
    });
  } finally {
    await CancellationScope.nonCancellable(async () => {
      await lease.destroyUntilGone();
      await condition(allHandlersFinished);
    });
  }
}
