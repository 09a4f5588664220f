import type { WorkflowClient } from '@temporalio/client';

type History = Awaited<ReturnType<ReturnType<WorkflowClient['getHandle']>['fetchHistory']>>;

/**
 * Returns the signals of a workflow that were sent while another of its signals to the same workflow was under way, as `name to id`.
 * Temporal may deliver two such signals in any order.
 */
export function overlappingSignals({ events }: History): readonly string[] {
  /** By the event that sent them: to whom. */
  const underWay = new Map<string, string>();
  const overlapping: string[] = [];
  for (const event of events ?? []) {
    const sent = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
    const to = sent?.workflowExecution?.workflowId;
    if (to) {
      if ([...underWay.values()].includes(to)) overlapping.push(`${sent.signalName} to ${to}`);
      underWay.set(String(event.eventId), to);
    }
    const ended =
      event.externalWorkflowExecutionSignaledEventAttributes ??
      event.signalExternalWorkflowExecutionFailedEventAttributes;
    if (ended) underWay.delete(String(ended.initiatedEventId));
  }
  return overlapping;
}
