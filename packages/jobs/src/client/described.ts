import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { workflowNames } from '../workflow-api.ts';

/** There is no run, or batch, of that id, or what was asked for can no longer be done to it. The message says which. */
export class JobNotFoundError extends Error {
  override readonly name = 'JobNotFoundError';
}

type What = 'run' | 'batch';

const types = { run: workflowNames.job, batch: workflowNames.batch } as const;
const lists = { run: 'gpu-clouds ps --all', batch: 'gpu-clouds batch list --all' } as const;

/**
 * What Temporal says of a run or batch. An instance's owner or somebody else's workflow is neither.
 * @throws JobNotFoundError
 */
export async function described(client: Client, id: string, what: What): Promise<WorkflowExecutionDescription> {
  const description = await orNotFound(id, client.workflow.getHandle(id).describe(), what);
  if (description.type === types[what]) return description;
  throw unknown(id, what);
}

/** @throws JobNotFoundError instead of Temporal's. */
export async function orNotFound<T>(id: string, call: Promise<T>, what: What = 'run'): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? unknown(id, what, error) : error;
  }
}

/** Does to a run or batch what can be done as long as it runs. @throws JobNotFoundError */
export async function whileItRuns(client: Client, id: string, what: What, call: () => Promise<unknown>): Promise<void> {
  await described(client, id, what);
  try {
    await call();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new JobNotFoundError(`The ${what} "${id}" has ended already.`, { cause: error });
  }
}

function unknown(id: string, what: What, cause?: unknown): JobNotFoundError {
  return new JobNotFoundError(`There is no ${what} "${id}": list them with \`${lists[what]}\`.`, { cause });
}
