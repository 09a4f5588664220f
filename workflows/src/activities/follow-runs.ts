import { type BatchItemEnd, endOfFailure, type JobResult, workflowNames } from '@gpu-clouds/jobs/contract';
import { Context } from '@temporalio/activity';
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { FollowRunsInput, RunEnd } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';

/** So many looks a second at most: Temporal has others to serve. */
const looksPerSecond = 50;
const atOnce = 20;

/** Waits until at least one of the runs has ended, and tells how each of those did that have. */
export function followRuns({ timing }: Pick<Dependencies, 'timing'>) {
  return ({ batch, ids }: FollowRunsInput): Promise<readonly RunEnd[]> =>
    withHeartbeats(async () => {
      for (;;) {
        const ends = await lookAtAll(Context.current().client, batch, ids);
        if (ends.length > 0) return ends;
        await Context.current().sleep(Math.max(timing.pollIntervalMs, (ids.length * 1000) / looksPerSecond));
      }
    });
}

async function lookAtAll(client: Client, batch: string, ids: readonly string[]): Promise<readonly RunEnd[]> {
  const ends: RunEnd[] = [];
  for (let from = 0; from < ids.length; from += atOnce) {
    const looks = ids.slice(from, from + atOnce).map(async (id) => {
      const end = await endOf(client, batch, id);
      if (end !== undefined) ends.push({ id, end });
    });
    await Promise.all(looks);
  }
  return ends;
}

/** Undefined while it runs. */
async function endOf(client: Client, batch: string, id: string): Promise<BatchItemEnd | undefined> {
  const handle = client.workflow.getHandle(id);
  try {
    const { type, status, memo } = await handle.describe();
    if (type !== workflowNames.job || memo?.batch !== batch) return idTaken(id);
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return undefined;
    const { outcome, exitCode, dollars }: JobResult = await handle.result();
    return { outcome, exitCode, dollars };
  } catch (error) {
    // It was about to be started when the batch was ended.
    if (error instanceof WorkflowNotFoundError) return { outcome: 'skipped', dollars: 0 };
    if (error instanceof WorkflowFailedError) return endOfFailure(error.cause);
    throw error;
  }
}

function idTaken(id: string): BatchItemEnd {
  const message = `There is something else called ${id}: give the batch another id.`;
  return { outcome: 'failed', dollars: 0, kind: 'id-taken', message };
}
