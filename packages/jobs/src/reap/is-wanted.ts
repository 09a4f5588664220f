import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { mustEndByMemo, workflowNames } from '../workflow-api.ts';

/** Whether an instance has a live owner. `over-cap` means that it has, but the owner should already have destroyed it. */
export type Wanted = boolean | 'over-cap';

/**
 * Returns a function that checks in Temporal whether the owner of an instance name is running, for {@link ReapOptions.isWanted}. It uses
 * `describe`, because Temporal's lists lag. An owner past its cap does not count: it may be stuck or have no workers.
 */
export function isWantedByTemporal(client: Client): (instanceName: string) => Promise<boolean> {
  const wanted = wantedByTemporal(client, Date.now);
  return async (instanceName) => (await wanted(instanceName)) === true;
}

/**
 * Like {@link isWantedByTemporal}, but distinguishes `over-cap` from instances without an owner.
 * @param now Returns milliseconds since the epoch.
 */
export function wantedByTemporal(client: Client, now: () => number): (instanceName: string) => Promise<Wanted> {
  return async (instanceName) => {
    const owner = await describe(client, instanceName);
    if (owner === undefined || !isLive(owner)) return false;
    const mustEndBy = owner.memo?.[mustEndByMemo];
    if (typeof mustEndBy === 'string' && Date.parse(mustEndBy) < now()) return 'over-cap';
    return !(await isAbandoned(client, owner));
  };
}

/**
 * Returns true if the run that rented the instance has ended or does not know the instance. A run that is reset to a point before the
 * create leaves the owner running, and nothing will ever release it.
 */
async function isAbandoned(client: Client, owner: WorkflowExecutionDescription): Promise<boolean> {
  const parent = owner.raw.workflowExecutionInfo?.parentExecution?.workflowId;
  if (!parent) return false;
  const run = await describe(client, parent);
  // Workflows of other programs may want their instances to outlive them.
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
