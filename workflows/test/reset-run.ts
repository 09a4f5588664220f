import type { Client } from '@temporalio/client';

/** Lets a run begin anew, as an operator may: all that it has done since its first decision it forgets. */
export async function resetToTheBeginning(client: Client, workflowId: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const decided = events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: decided?.eventId ?? null,
    requestId: `reset-${workflowId}`,
    reason: 'a test',
  });
}
