import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/**
 * Asks Temporal whether the `instance` workflow of a label is running, which owns the machine and will destroy it. By `describe`, since
 * Temporal's lists are late.
 */
export function isWantedByTemporal(client: Client): (label: string) => Promise<boolean> {
  return async (label) => {
    try {
      const { status } = await client.workflow.getHandle(label).describe();
      return status.name === 'RUNNING' || status.name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}
