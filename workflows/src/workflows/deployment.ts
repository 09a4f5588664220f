import { CancellationScope, setWorkflowOptions } from '@temporalio/workflow';
import type { DeploymentEnd, DeploymentRequest } from './deployment-api.ts';
import { DeploymentLease } from './deployment-lease.ts';

// A plain Error would otherwise be retried for ever while a container bills.
setWorkflowOptions({ failureExceptionTypes: [Error] }, deployment);

/**
 * Owns one job deployment from the create call until the cloud no longer shows it, and has it do one job. Its id is the deployment's
 * label, so that whoever finds the deployment can ask whether it is wanted. However it ends, the deployment is gone by then.
 */
export async function deployment(request: DeploymentRequest): Promise<DeploymentEnd> {
  const lease = new DeploymentLease(request); // knows the label: teardown works from this line on
  try {
    return await lease.within(async () => {
      await lease.create();
      const endpoint = await lease.becomeReady();
      const job = await lease.submit(endpoint);
      return await lease.answered(job);
    });
  } finally {
    await CancellationScope.nonCancellable(() => lease.destroyUntilGone());
  }
}
