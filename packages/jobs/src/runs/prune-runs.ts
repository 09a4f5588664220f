import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { isLive } from '../client/list-workflows.ts';
import { isJobSchedule } from '../client/schedule-id.ts';
import { workflowNames } from '../workflow-api.ts';
import type { RunStore } from './run-store.ts';

/** What {@link pruneRuns} removed from a run store. */
export interface Pruned {
  /** Ids of runs. */
  readonly runs: readonly string[];
  /** Ids of inputs. */
  readonly inputs: readonly string[];
}

/**
 * Removes runs and inputs from the run store that were not changed or used for some time. A run that has not ended stays, and so does each
 * input that a schedule or an open run or batch may still need. If Temporal does not answer, nothing more is removed.
 * @param keepSeconds How long runs and inputs stay after their last change or use, in seconds.
 */
export async function pruneRuns(
  client: Client,
  runs: RunStore,
  keepSeconds: number,
  now = Date.now(),
): Promise<Pruned> {
  const before = now - keepSeconds * 1000;
  const pruned = { runs: [] as string[], inputs: [] as string[] };
  for await (const { id, changedAt } of runs.listRuns()) {
    if (changedAt >= before || (await isOpen(client, id))) continue;
    await runs.removeRun(id);
    pruned.runs.push(id);
  }
  const old: string[] = [];
  for await (const { id, changedAt } of runs.inputs.list()) if (changedAt < before) old.push(id);
  const needed = old.length === 0 ? new Set<string>() : await neededInputs(client);
  for (const id of old) {
    if (needed === 'unknown' || needed.has(id)) continue;
    await runs.inputs.remove(id);
    pruned.inputs.push(id);
  }
  return pruned;
}

async function isOpen(client: Client, id: string): Promise<boolean> {
  try {
    return isLive(await client.workflow.getHandle(id).describe());
  } catch (error) {
    // Temporal forgets runs that ended before its own retention period.
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Returns the inputs of all schedules, open runs, and open batches, or `unknown` if one was not started by this package and does not list its inputs. */
async function neededInputs(client: Client): Promise<ReadonlySet<string> | 'unknown'> {
  const needed = new Set<string>();
  const types = [workflowNames.job, workflowNames.batch].map((type) => `'${type}'`).join(', ');
  for await (const info of client.workflow.list({ query: `WorkflowType IN (${types}) AND CloseTime IS NULL` })) {
    const inputs = inputsIn(info);
    if (inputs === undefined) return 'unknown';
    for (const id of inputs) needed.add(id);
  }
  for await (const schedule of client.schedule.list()) {
    if (!isJobSchedule(schedule.scheduleId)) continue;
    const inputs = inputsIn(schedule);
    if (inputs === undefined) return 'unknown';
    for (const id of inputs) needed.add(id);
  }
  return needed;
}

function inputsIn({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): readonly string[] | undefined {
  // The batch of an item lists the inputs of all items.
  if (typeof memo?.batch === 'string') return [];
  return Array.isArray(memo?.inputs) ? memo.inputs.map(String) : undefined;
}
