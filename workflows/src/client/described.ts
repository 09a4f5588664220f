import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';

/**
 * What Temporal says of a workflow, which has to be of the type: a machine's owner or somebody else's workflow is no run.
 * @throws WorkflowNotFoundError
 */
export async function described(client: Client, id: string, type: string): Promise<WorkflowExecutionDescription> {
  const description = await client.workflow.getHandle(id).describe();
  if (description.type === type) return description;
  throw new WorkflowNotFoundError(`${id} is a ${description.type}.`, id, undefined);
}
