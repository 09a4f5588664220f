import { type Client, WorkflowFailedError } from '@temporalio/client';
import { endOfFailure } from '../batch-end.ts';
import type { JobOutcome, JobResult } from '../job-status.ts';

/** How a run ended, by what Temporal keeps of it. */
export interface RunEnd {
  readonly outcome: JobOutcome;
  readonly exitCode?: number;
  /** US dollars. Of a run that was ended from outside nobody knows. */
  readonly dollars?: number;
  /** Why there is no exit code. */
  readonly message?: string;
}

/** How a closed run ended. Takes no worker. @param status Temporal's own. */
export async function runEnd(client: Client, id: string, status: string): Promise<RunEnd> {
  try {
    const { outcome, exitCode, dollars }: JobResult = await client.workflow.getHandle(id).result();
    return { outcome, exitCode, dollars };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (status !== 'FAILED') return fromOutside(status);
    const { outcome, dollars } = endOfFailure(error.cause);
    const message = error.cause?.message ?? error.message;
    return { outcome: outcome === 'stopped' ? 'stopped' : 'failed', dollars, message };
  }
}

/** A terminated run cannot say so itself. */
function fromOutside(status: string): RunEnd {
  const word = status.toLowerCase().replaceAll('_', ' ');
  return {
    outcome: status === 'CANCELLED' ? 'cancelled' : 'failed',
    message: `The run was ${word} from outside; its machine is destroyed all the same.`,
  };
}
