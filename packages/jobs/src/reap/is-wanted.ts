import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { mustEndByMemo, workflowNames } from '../workflow-api.ts';

/** `over-cap`: somebody owns it, and should have destroyed it by now. */
export type Wanted = boolean | 'over-cap';

/**
 * Asks Temporal whether the `instance` workflow of a instance name is running, which owns the instance and will destroy it. By `describe`, since
 * Temporal's lists are late. An owner that should have ended by its cap no longer counts: it may be stuck, or without workers.
 */
export function isWantedByTemporal(client: Client): (instanceName: string) => Promise<boolean> {
  const wanted = wantedByTemporal(client, Date.now);
  return async (instanceName) => (await wanted(instanceName)) === true;
}

/** The same, telling apart why something is not wanted. @param now Milliseconds since the epoch. */
export function wantedByTemporal(client: Client, now: () => number): (instanceName: string) => Promise<Wanted> {
  return async (instanceName) => {
    const owner = await describe(client, instanceName);
    if (owner === undefined || !isLive(owner)) return false;
    const mustEndBy = owner.memo?.[mustEndByMemo];
    if (typeof mustEndBy === 'string' && Date.parse(mustEndBy) < now()) return 'over-cap';
    return !(await isForgotten(client, owner));
  };
}

/**
 * True when the run that rented the instance has ended, or goes on without knowing of it: a run that is reset to a point before the
 * instance leaves the owner running, and nobody will ever release it.
 */
async function isForgotten(client: Client, owner: WorkflowExecutionDescription): Promise<boolean> {
  const parent = owner.raw.workflowExecutionInfo?.parentExecution?.workflowId;
  if (!parent) return false;
  const run = await describe(client, parent);
  // Workflows of others may mean their instances to outlive them.
  if (run === undefined || run.type !== workflowNames.job) return false;
  return !isLive(run) || !run.raw.pendingChildren?.some(({ workflowId }) => workflowId === owner.workflowId);
}

async function describe(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

const isLive = ({ status }: WorkflowExecutionDescription) => status.name === 'RUNNING' || status.name === 'PAUSED';
