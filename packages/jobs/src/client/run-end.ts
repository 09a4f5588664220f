import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { endOfFailure } from '../batch-end.ts';
import { billOf } from '../job-bill.ts';
import type { JobBill, JobOutcome, JobResult } from '../job-status.ts';
import type { TemporalReader } from '../reader/temporal-reader.ts';

/** How a run ended, as recorded by Temporal. The bill is missing if the run was cancelled, terminated, or timed out. */
export interface RunEnd extends Partial<JobBill> {
  readonly outcome: JobOutcome;
  readonly exitCode?: number | undefined;
  /** Why there is no exit code, in one sentence. */
  readonly message?: string | undefined;
}

/**
 * Returns how a closed run ended. Needs no worker.
 * @param status Temporal's status name, such as `COMPLETED`.
 */
export async function runEnd(client: TemporalReader, id: string, status: string): Promise<RunEnd> {
  try {
    const { outcome, exitCode, phases, dollars, idleDollars }: JobResult = await client.workflow.getHandle(id).result();
    return { outcome, exitCode, phases, dollars, idleDollars };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (status !== 'FAILED') return withoutFailure(status);
    const { cause } = error;
    const bill = cause instanceof ApplicationFailure ? billOf(cause) : undefined;
    const stopped = endOfFailure(cause).outcome === 'stopped';
    return { outcome: stopped ? 'stopped' : 'failed', ...bill, message: cause?.message ?? error.message };
  }
}

/** A cancelled, terminated, or timed-out run has recorded no failure of its own. */
function withoutFailure(status: string): RunEnd {
  const word = status.toLowerCase().replaceAll('_', ' ');
  return {
    outcome: status === 'CANCELLED' ? 'cancelled' : 'failed',
    message: `The run was ${word} before it recorded a result. Its instances are destroyed all the same.`,
  };
}
