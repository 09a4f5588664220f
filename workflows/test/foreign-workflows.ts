/** Workflows of somebody else's, which rent a GPU on the way. */

import type { Job } from '@gpu-clouds/jobs';
import { executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import { type runJob, taskQueues } from '../src/workflows/index.ts';

export async function trainAndReport(job: Job): Promise<string> {
  const id = `${workflowInfo().workflowId}-training`;
  const { outcome, offer } = await executeChild<typeof runJob>('runJob', {
    workflowId: id,
    taskQueue: taskQueues.workflows,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    args: [{ id, fleet: 'default', job }],
  });
  return `${job.name} ${outcome} on ${offer.gpu}`;
}
