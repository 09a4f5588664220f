import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { mustEndByMemo, workflowNames } from '../workflow-api.ts';
import { type OwnerFacts, type OwnerState, ownerState, type ParentFacts } from './owner-state.ts';

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
  if (owner === undefined) return ownerState(undefined, undefined, now());
  const mustEndBy = owner.memo?.[mustEndByMemo];
  const facts: OwnerFacts = {
    owns: owning.has(owner.type),
    isLive: isLive(owner),
    mustEndBy: typeof mustEndBy === 'string' ? mustEndBy : undefined,
  };
  const parentId = owner.raw.workflowExecutionInfo?.parentExecution?.workflowId;
  const parent = facts.isLive && parentId ? await describeRun(parentId) : undefined;
  return ownerState(facts, parent && parentFacts(parent, owner.workflowId), now());
}

function parentFacts(run: WorkflowExecutionDescription, ownerId: string): ParentFacts {
  const knowsOwner = run.raw.pendingChildren?.some(({ workflowId }) => workflowId === ownerId) ?? false;
  return { type: run.type, isLive: isLive(run), knowsOwner };
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
