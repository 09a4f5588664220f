import { CancellationScope, setWorkflowOptions } from '@temporalio/workflow';
import type { JobDeploymentEnd, JobDeploymentRequest } from './job-deployment-api.ts';
import { JobDeploymentLease } from './job-deployment-lease.ts';

// A plain Error would otherwise be retried for ever while a container bills.
setWorkflowOptions({ failureExceptionTypes: [Error] }, jobDeployment);

/**
 * Owns one job deployment from the create call until the cloud no longer shows it, and has it do one job. Its id is the deployment's
 * instance name, so that whoever finds the deployment can ask whether it is wanted. However it ends, the deployment is gone by then.
 */
export async function jobDeployment(request: JobDeploymentRequest): Promise<JobDeploymentEnd> {
  const lease = new JobDeploymentLease(request); // knows the instanceName: teardown works from this line on
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
