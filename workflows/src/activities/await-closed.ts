import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowRef } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';

/** Waits until at least one of the workflows has closed, however it ended, and returns those that have. */
export function awaitClosed({ timing }: Pick<Dependencies, 'timing'>) {
  return (workflows: readonly WorkflowRef[]): Promise<readonly WorkflowRef[]> =>
    withHeartbeats(async () => {
      for (;;) {
        const { client } = Context.current();
        const each = await Promise.all(workflows.map(async (one) => ((await isClosed(client, one)) ? [one] : [])));
        const closed = each.flat();
        if (closed.length > 0) return closed;
        await Context.current().sleep(timing.watchIntervalMs);
      }
    });
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
