import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { endOfFailure } from '../batch-end.ts';
import { billOf } from '../job-bill.ts';
import type { JobBill, JobOutcome, JobResult } from '../job-status.ts';

/** How a run ended, by what Temporal keeps of it. What one cost that was ended from outside nobody knows. */
export interface RunEnd extends Partial<JobBill> {
  readonly outcome: JobOutcome;
  readonly exitCode?: number;
  /** Why there is no exit code. */
  readonly message?: string;
}

/** How a closed run ended. Takes no worker. @param status Temporal's own. */
export async function runEnd(client: Client, id: string, status: string): Promise<RunEnd> {
  try {
    const { outcome, exitCode, phases, dollars }: JobResult = await client.workflow.getHandle(id).result();
    return { outcome, exitCode, phases, dollars };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (status !== 'FAILED') return fromOutside(status);
    const { cause } = error;
    const bill = cause instanceof ApplicationFailure ? billOf(cause) : undefined;
    const stopped = endOfFailure(cause).outcome === 'stopped';
    return { outcome: stopped ? 'stopped' : 'failed', ...bill, message: cause?.message ?? error.message };
  }
}

/** A terminated run cannot say so itself. */
function fromOutside(status: string): RunEnd {
  const word = status.toLowerCase().replaceAll('_', ' ');
  return {
    outcome: status === 'CANCELLED' ? 'cancelled' : 'failed',
    message: `The run was ${word} from outside; its instance is destroyed all the same.`,
  };
}
