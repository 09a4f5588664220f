import type { Job } from '@gpu-clouds/jobs';

// #region shown
import { type runJob, taskQueues } from '@gpu-clouds/workflows/workflows';
import { executeChild, ParentClosePolicy } from '@temporalio/workflow';

/** `job` is what parseJob() makes: before the workflow, which reads no files. */
export async function train(id: string, job: Job): Promise<void> {
  await executeChild<typeof runJob>('runJob', {
    workflowId: id, // the same as in the order
    taskQueue: taskQueues.workflows,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL, // when you end early, it tears down and says so
    args: [{ id, fleet: 'prod', job }], // the fleet of the workers
  });
}
// #endregion
