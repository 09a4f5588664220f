import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { HistoryEvent } = proto.temporal.api.history.v1;
type Event = ReturnType<typeof HistoryEvent.fromObject>;

/**
 * Sizes of the histories of one workflow, in events and bytes, including its continued runs.
 * Temporal rejects histories above 51,200 events or 50 MiB, and payloads above 2 MiB.
 */
export interface HistoryFigures {
  /** Number of histories: one more than it continued as new. */
  readonly histories: number;
  /** Events of all histories. */
  readonly events: number;
  /** Events of all histories, without those of workflow tasks, whose number depends on how messages meet. */
  readonly steadyEvents: number;
  /** Events of the longest history. */
  readonly mostEvents: number;
  /** Bytes of the largest history. */
  readonly mostBytes: number;
  /** Bytes of the largest event, which are mostly its payloads. */
  readonly largestEvent: number;
  /** Bytes of the largest set of commands of one workflow task. They are sent as one message, which is limited to 4 MiB. */
  readonly largestTask: number;
}

/** Reads every history, starting with the first. Does not use the visibility store, which lags. */
export async function historyFigures(client: Client, workflowId: string, firstRunId: string): Promise<HistoryFigures> {
  const histories: (readonly Event[])[] = [];
  for (let runId: string | undefined = firstRunId; runId !== undefined; ) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const own: readonly Event[] = (events ?? []).map((event) => HistoryEvent.fromObject(event));
    histories.push(own);
    runId = own.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  const sizes = histories.map((events) => events.map((event) => HistoryEvent.encode(event).finish().length));
  return {
    histories: histories.length,
    events: histories.flat().length,
    steadyEvents: histories.flat().filter((event) => !event.attributes?.startsWith('workflowTask')).length,
    mostEvents: Math.max(...histories.map(({ length }) => length)),
    mostBytes: Math.max(...sizes.map(sum)),
    largestEvent: Math.max(...sizes.flat()),
    largestTask: Math.max(...histories.flatMap((events, index) => taskSizes(events, sizes[index] ?? []))),
  };
}

/** Returns the first run ID of each child workflow, by workflow ID. */
export async function childrenOf(client: Client, workflowId: string): Promise<ReadonlyMap<string, string>> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const started = (events ?? []).flatMap(({ childWorkflowExecutionStartedEventAttributes: child }) =>
    child?.workflowExecution ? [child.workflowExecution] : [],
  );
  return new Map(started.map(({ workflowId: id, runId }) => [id ?? '', runId ?? '']));
}

function taskSizes(events: readonly Event[], sizes: readonly number[]): readonly number[] {
  const tasks = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    const task = taskOf(event);
    if (task !== undefined) tasks.set(task, (tasks.get(task) ?? 0) + (sizes[index] ?? 0));
  }
  return [0, ...tasks.values()];
}

/** Returns the event ID of the workflow task whose command caused the event. */
function taskOf(event: Event): string | undefined {
  const attributes: unknown = event.attributes === undefined ? undefined : Reflect.get(event, event.attributes);
  if (typeof attributes !== 'object' || attributes === null) return undefined;
  const task: unknown = Reflect.get(attributes, 'workflowTaskCompletedEventId');
  return task === undefined || task === null || String(task) === '0' ? undefined : String(task);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
