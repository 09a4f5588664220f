import type { Offer } from '@gpu-clouds/clouds/pure';
import type { FailureKind, JobOutcome, JobResult, SentFiles } from '@gpu-clouds/jobs/contract';
import { type ApplicationFailure, CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { runFailure, summaryOf } from './failure-summary.ts';
import { countRun } from './run-metrics.ts';
import { type RunRecord, timestamp } from './run-record.ts';

/** Does the work of a run and records how it ended. */
export async function concluded(record: RunRecord, work: () => Promise<JobResult>): Promise<JobResult> {
  try {
    const result = await work();
    conclude(record, { outcome: result.outcome }, 'none');
    return result;
  } catch (error) {
    // A cancelled run also loses its instances, so any other error only follows from that.
    if (isCancellation(error) || CancellationScope.current().consideredCancelled) {
      const message = 'The run was cancelled.';
      conclude(record, { outcome: 'cancelled', message }, 'cancelled');
      throw isCancellation(error) ? error : new CancelledFailure(message);
    }
    const { kind, message } = summaryOf(error);
    const stopped = kind === 'stopped' && record.facts.stopRequestedAt !== undefined;
    conclude(record, { outcome: stopped ? 'stopped' : 'failed', message }, kind);
    throw runFailure(error, record.bill());
  }
}

/** @param kind Of the failure, or `none`. */
function conclude(
  record: RunRecord,
  end: { readonly outcome: JobOutcome; readonly message?: string },
  kind: FailureKind | 'none',
) {
  if (record.facts.phase !== 'finished') record.enter('finished');
  record.change({ ...end, endedAt: timestamp(), phases: record.bill().phases });
  countRun(end.outcome, kind);
}

/** How the job ended on the instances, and what it left. */
export interface Done {
  readonly exitCode: number;
  /** The exit code of each node. */
  readonly exitCodes: readonly number[];
  /** Whether the command ended because the run was asked to stop. */
  readonly stopped: boolean;
  /** Files, relative to the run's outputs. */
  readonly outputs: readonly string[];
  /** Files that were sent to S3. */
  readonly sent?: readonly SentFiles[] | undefined;
}

export function resultOf(record: RunRecord, offer: Offer, { stopped, ...done }: Done): JobResult {
  record.enter('finished');
  const { setupExitCode, attempts, failures, lease } = record.facts;
  return {
    id: record.order.id,
    outcome: stopped ? 'stopped' : done.exitCode === 0 ? 'succeeded' : 'failed',
    ...done,
    attempts,
    setupExitCode,
    ...record.bill(),
    offer,
    lease,
    failures,
  };
}

export function stoppedEarly(): ApplicationFailure {
  return finalFailure('stopped', 'The run was stopped while its command was not running.');
}
