import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { mustEndByMemo } from '../workflow-api.ts';

/** `over-cap`: somebody owns it, and should have destroyed it by now. */
export type Wanted = boolean | 'over-cap';

/**
 * Asks Temporal whether the `instance` workflow of a label is running, which owns the machine and will destroy it. By `describe`, since
 * Temporal's lists are late. An owner that should have ended by its cap no longer counts: it may be stuck, or without workers.
 */
export function isWantedByTemporal(client: Client): (label: string) => Promise<boolean> {
  const wanted = wantedByTemporal(client, Date.now);
  return async (label) => (await wanted(label)) === true;
}

/** The same, telling apart why something is not wanted. @param now Milliseconds since the epoch. */
export function wantedByTemporal(client: Client, now: () => number): (label: string) => Promise<Wanted> {
  return async (label) => {
    try {
      const { status, memo } = await client.workflow.getHandle(label).describe();
      if (status.name !== 'RUNNING' && status.name !== 'PAUSED') return false;
      const mustEndBy = memo?.[mustEndByMemo];
      return typeof mustEndBy === 'string' && Date.parse(mustEndBy) < now() ? 'over-cap' : true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}
