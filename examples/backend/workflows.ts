// The service's own workflow: runs a job, then tells of its end. Temporal keeps it going whatever process dies.
import type { JobResult } from '@gpu-clouds/jobs';
import { type JobOrder, type runJob, taskQueues } from '@gpu-clouds/workflows/workflows';
import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
} from '@temporalio/workflow';
import type { postWebhook, TrainingEnd } from './webhook.ts';

const activities = proxyActivities<{ postWebhook: typeof postWebhook }>({
  startToCloseTimeout: '20s',
  // A receiver may be down for a weekend.
  scheduleToCloseTimeout: '3d',
  retry: { initialInterval: '1s', maximumInterval: '10m' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export async function training(order: JobOrder): Promise<TrainingEnd> {
  const end = await ended(order);
  // Whoever cancels the training wants to hear of its end as well.
  await CancellationScope.nonCancellable(() => activities.postWebhook(end));
  return end;
}

async function ended(order: JobOrder): Promise<TrainingEnd> {
  const { id } = order;
  try {
    const { outcome, exitCode, dollars }: JobResult = await executeChild<typeof runJob>('runJob', {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      memo: { name: order.job.name, fleet: order.fleet },
      // When this one ends early, the run tears down and says so.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      args: [order],
    });
    return { id, outcome, exitCode, dollars };
  } catch (error) {
    if (isCancellation(error)) return { id, outcome: 'cancelled' };
    const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
    // The kind is stable, the message is for people: see JobFailedError.
    const kind = cause instanceof ApplicationFailure ? cause.type : undefined;
    const message = cause instanceof Error ? cause.message : String(cause);
    return { id, outcome: kind === 'stopped' ? 'stopped' : 'failed', kind: kind ?? 'failed', message };
  }
}
