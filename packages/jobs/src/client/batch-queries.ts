import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type {
  BatchCounts,
  BatchFacts,
  BatchItemResult,
  BatchResult,
  BatchState,
  BatchStatus,
} from '../batch-status.ts';
import { batchResultsQueryName, statusQueryName } from '../workflow-api.ts';
import { described } from './described.ts';

/** Milliseconds to wait for a worker to answer a query. */
const queryTimeoutMs = 5000;

/** No worker answered a query about a batch that is still running. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
}

/** Returns the status of a batch from its result, or, if it has none yet, from queries of its parts. */
export async function batchStatus(client: Client, id: string): Promise<BatchStatus> {
  const state = await stateOf(client, id);
  if (state === 'completed') {
    const { outcome, items, dollars } = await resultOf(client, id);
    const failed = items.filter((item) => item.outcome === 'failed').length;
    const skipped = items.filter((item) => item.outcome === 'skipped').length;
    return { id, state: outcome, total: items.length, running: 0, done: items.length - skipped, failed, dollars };
  }
  const { total, parts } = await factsOf(client, id);
  const each = await Promise.all(parts.map((part) => queryPart<BatchCounts>(client, part, statusQueryName)));
  const sum = (of: (counts: BatchCounts) => number) =>
    each.reduce((all, counts) => all + (counts === undefined ? 0 : of(counts)), 0);
  return {
    id,
    state,
    total,
    running: sum(({ running }) => running),
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    dollars: sum(({ dollars }) => dollars),
  };
}

/** Returns the results of the items that have ended so far. */
export async function batchResults(client: Client, id: string): Promise<readonly BatchItemResult[]> {
  if ((await stateOf(client, id)) === 'completed') return (await resultOf(client, id)).items;
  const { parts } = await factsOf(client, id);
  const each = await Promise.all(
    parts.map((part) => queryPart<readonly BatchItemResult[]>(client, part, batchResultsQueryName)),
  );
  return each.flatMap((results) => results ?? []).toSorted((a, b) => a.index - b.index);
}

async function stateOf(
  client: Client,
  id: string,
): Promise<Extract<BatchState, 'running' | 'cancelled' | 'failed' | 'terminated'> | 'completed'> {
  const { status } = await described(client, id, 'batch');
  switch (status.name) {
    case 'RUNNING':
    case 'PAUSED':
      return 'running';
    case 'COMPLETED':
      return 'completed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    default:
      return 'failed';
  }
}

async function factsOf(client: Client, id: string): Promise<BatchFacts> {
  return ask<BatchFacts>(client, id, statusQueryName);
}

async function ask<T>(client: Client, id: string, query: string): Promise<T> {
  try {
    const answer = () => client.workflow.getHandle(id).query<T>(query);
    return await client.connection.withDeadline(Date.now() + queryTimeoutMs, answer);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    throw new NoWorkerError(`No worker answers for "${id}". Start one with "gpu-clouds worker".`, { cause: error });
  }
}

async function resultOf(client: Client, id: string): Promise<BatchResult> {
  return client.workflow.getHandle(id).result();
}

/** Returns undefined if the part has not started yet. */
async function queryPart<T>(client: Client, part: string, query: string): Promise<T | undefined> {
  try {
    return await ask<T>(client, part, query);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
