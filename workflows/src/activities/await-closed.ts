import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { WorkflowRef } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Returns which of the workflows have closed, however they ended.
 * @throws ApplicationFailure, to be retried after a pause, while none has. Temporal waits without a slot of the worker: a hundred runs may wait
 * for one lease.
 */
export function awaitClosed({ timing }: Pick<Dependencies, 'timing'>) {
  return async (workflows: readonly WorkflowRef[]): Promise<readonly WorkflowRef[]> => {
    const { client } = Context.current();
    const each = await Promise.all(workflows.map(async (one) => ((await isClosed(client, one)) ? [one] : [])));
    const closed = each.flat();
    if (closed.length > 0) return closed;
    throw ApplicationFailure.create({
      message: 'All of them are running.',
      nextRetryDelay: timing.watchIntervalMs,
      category: ApplicationFailureCategory.BENIGN,
    });
  };
}

async function isClosed(client: Client, { workflowId, runId }: WorkflowRef): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    return status.name !== 'RUNNING' && status.name !== 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
