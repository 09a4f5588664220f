import type { TemporalReader, WorkflowDescription } from '../reader/temporal-reader.ts';
import { workflowNames } from '../workflow-api.ts';

/** There is no run or batch with this id, or it has already ended. The message says which. */
export class JobNotFoundError extends Error {
  override readonly name = 'JobNotFoundError';
}

/** Whether Temporal has no such workflow, or, for a signal or update, none that still runs. Needs no class of Temporal's client. */
export function isWorkflowNotFound(error: unknown): error is Error {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}

/** Returns Temporal's description of a workflow, or undefined if there is none with this id. */
export async function describedIfAny(client: TemporalReader, id: string): Promise<WorkflowDescription | undefined> {
  try {
    return await client.workflow.getHandle(id).describe();
  } catch (error) {
    if (isWorkflowNotFound(error)) return undefined;
    throw error;
  }
}

type What = 'run' | 'batch';

const types = { run: workflowNames.job, batch: workflowNames.batch } as const;
const lists = { run: 'gpu-clouds ps --all', batch: 'gpu-clouds batch list --all' } as const;

/**
 * Returns Temporal's description of a run or batch.
 * @throws {JobNotFoundError} There is no workflow with this id, or it is of another type, such as the owner of an instance.
 */
export async function described(client: TemporalReader, id: string, what: What): Promise<WorkflowDescription> {
  const description = await orNotFound(id, client.workflow.getHandle(id).describe(), what);
  if (description.type === types[what]) return description;
  throw unknown(id, what);
}

/**
 * Awaits a call to Temporal.
 * @throws {JobNotFoundError} In place of Temporal's `WorkflowNotFoundError`.
 */
export async function orNotFound<T>(id: string, call: Promise<T>, what: What = 'run'): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isWorkflowNotFound(error) ? unknown(id, what, error) : error;
  }
}

/**
 * Makes a call to Temporal that needs a run or batch that has not ended.
 * @throws {JobNotFoundError} There is no such run or batch, or it has ended.
 */
export async function whileItRuns(
  client: TemporalReader,
  id: string,
  what: What,
  call: () => Promise<unknown>,
): Promise<void> {
  await described(client, id, what);
  try {
    await call();
  } catch (error) {
    if (!isWorkflowNotFound(error)) throw error;
    throw new JobNotFoundError(`The ${what} "${id}" has already ended.`, { cause: error });
  }
}

function unknown(id: string, what: What, cause?: unknown): JobNotFoundError {
  return new JobNotFoundError(`There is no ${what} "${id}". Run "${lists[what]}" to list them.`, { cause });
}
