import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const signals = temporal.api.enums.v1.ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL;

/** Resets a run to its first decision, as an operator may. It forgets everything that it has done since. */
export async function resetToTheBeginning(
  client: Client,
  workflowId: string,
  options: { readonly withoutSignals?: boolean } = {},
): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const decided = events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: decided?.eventId ?? null,
    requestId: `reset-${workflowId}`,
    reason: 'a test',
    resetReapplyExcludeTypes: options.withoutSignals ? [signals] : [],
  });
}
