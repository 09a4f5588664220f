import type { Client } from '@temporalio/client';

/**
 * Returns the number of events of a history, without those of workflow tasks, whose number depends on which messages arrive together. The
 * rest is the same each time: `benchmarks/job-features.md` has the figures of each feature.
 */
export async function steadyEvents(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter(({ attributes }) => !attributes?.startsWith('workflowTask')).length;
}
