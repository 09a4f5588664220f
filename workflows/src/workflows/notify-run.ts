import type { FailureKind, JobResult, Notification, Webhook } from '@gpu-clouds/jobs/contract';
import {
  CancellationScope,
  log,
  ParentClosePolicy,
  setWorkflowOptions,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { notifying } from './activity-proxies.ts';
import { summaryOf } from './failure-summary.ts';
import type { RunRecord } from './run-record.ts';

/** Input of `notifyRun`. */
export interface NotifyOrder {
  readonly webhooks: readonly Webhook[];
  readonly notification: Notification;
}

setWorkflowOptions({ failureExceptionTypes: [Error] }, notifyRun);

/**
 * Sends the notifications of a run that has ended. It is a workflow of its own, so that a receiver that is down does not delay the result.
 * Fails if a receiver did not accept its notification within a day.
 */
export async function notifyRun({ webhooks, notification }: NotifyOrder): Promise<void> {
  const { runId } = workflowInfo();
  const ends = await Promise.allSettled(
    webhooks.map((webhook, index) =>
      notifying(webhook.webhook).sendNotification({ id: `${runId}-${index}`, webhook, notification }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Does the work of a run, and begins to notify its webhooks afterwards. Has no effect on how the run ends. */
export async function announced(record: RunRecord, work: () => Promise<JobResult>): Promise<JobResult> {
  let kind: FailureKind | undefined;
  try {
    return await work();
  } catch (error) {
    kind = summaryOf(error).kind;
    throw error;
  } finally {
    await announce(record, kind);
  }
}

const overBudgetKinds: ReadonlySet<FailureKind | undefined> = new Set(['budget', 'over-budget', 'cap-reached']);

async function announce(record: RunRecord, kind: FailureKind | undefined): Promise<void> {
  const { notify } = record.order.job;
  const { outcome, startedAt, endedAt = startedAt, exitCode, message } = record.facts;
  if (notify === undefined || (outcome !== 'succeeded' && outcome !== 'failed')) return;
  const { id: run, fleet, job } = record.order;
  const overBudget = overBudgetKinds.has(kind);
  const { dollars } = record.bill();
  const data = { run, name: job.name, fleet, startedAt, dollars, exitCode, kind, overBudget, message };
  try {
    const webhooks = notify.filter(({ on }) => on.includes(outcome) || (overBudget && on.includes('over-budget')));
    if (webhooks.length === 0) return;
    const order: NotifyOrder = { webhooks, notification: { type: `run.${outcome}`, timestamp: endedAt, data } };
    await CancellationScope.nonCancellable(() =>
      startChild(notifyRun, {
        workflowId: `${run}/notify`,
        args: [order],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `Notifications of ${run}`,
      }),
    );
  } catch (error) {
    // The content of a job file that was refused may have anything in `notify`. A run that was reset may still be notifying.
    log.warn('The notifications of the run could not be started.', { error });
  }
}
