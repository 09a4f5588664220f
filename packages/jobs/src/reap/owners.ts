import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { mustEndByMemo, workflowNames } from '../workflow-api.ts';

/**
 * What Temporal knows about the owner of an instance. `over-cap`: it is running, but should already have destroyed the instance.
 * `not-found`: no workflow of this ID owns instances. It may be another Temporal server's, or its history may be deleted.
 */
export type OwnerState = 'running' | 'over-cap' | 'closed' | 'not-found';

/** Looks up owners by their IDs. An ID that could not be looked up has an error. */
export type FindOwners = (ownerIds: readonly string[]) => Promise<ReadonlyMap<string, OwnerState | Error>>;

/** Number of requests to Temporal at the same time. */
const concurrency = 50;
/** The workflows that own what they create. Another workflow of the same ID owns nothing. */
const owning: ReadonlySet<string> = new Set([workflowNames.instance]);

/**
 * Returns a function that looks up owners in Temporal, for `ReapOptions.findOwners`. It uses `describe`, once per owner and for many at
 * the same time, because Temporal's lists lag.
 * @param now Returns milliseconds since the epoch. Default: `Date.now`.
 */
export function ownersInTemporal(client: Client, now: () => number = Date.now): FindOwners {
  return async (ownerIds) => {
    const owners = new Map<string, OwnerState | Error>();
    const waiting = [...new Set(ownerIds)];
    const runs = new Map<string, Promise<WorkflowExecutionDescription | undefined>>();
    // Nodes of one run have the same parent.
    const describeRun = (id: string) => {
      const known = runs.get(id) ?? describe(client, id);
      runs.set(id, known);
      return known;
    };
    const lane = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        owners.set(
          id,
          await describe(client, id)
            .then((owner) => stateOf(owner, describeRun, now))
            .catch(asError),
        );
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return owners;
  };
}

async function stateOf(
  owner: WorkflowExecutionDescription | undefined,
  describeRun: (id: string) => Promise<WorkflowExecutionDescription | undefined>,
  now: () => number,
): Promise<OwnerState> {
  if (owner === undefined || !owning.has(owner.type)) return 'not-found';
  if (!isLive(owner)) return 'closed';
  const mustEndBy = owner.memo?.[mustEndByMemo];
  if (typeof mustEndBy === 'string' && Date.parse(mustEndBy) < now()) return 'over-cap';
  return (await isAbandoned(owner, describeRun)) ? 'closed' : 'running';
}

/**
 * Returns true if the run that rented the instance has ended or does not know the instance. A run that is reset to a point before the
 * create leaves the owner running, and nothing will ever release it.
 */
async function isAbandoned(
  owner: WorkflowExecutionDescription,
  describeRun: (id: string) => Promise<WorkflowExecutionDescription | undefined>,
): Promise<boolean> {
  const parent = owner.raw.workflowExecutionInfo?.parentExecution?.workflowId;
  if (!parent) return false;
  const run = await describeRun(parent);
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const isLive = ({ status }: WorkflowExecutionDescription) => status.name === 'RUNNING' || status.name === 'PAUSED';
