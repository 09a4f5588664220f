import type { Offer } from '@gpu-clouds/clouds/pure';
import type { FailureKind, JobFailure, JobOutcome, JobResult } from '@gpu-clouds/jobs/contract';
import { type ApplicationFailure, CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { runFailure, summaryOf } from './failure-summary.ts';
import { countRun } from './run-metrics.ts';
import { type RunRecord, timestamp } from './run-record.ts';

/** Does what a run is and notes how it ended, whichever way that is. */
export async function concluded(record: RunRecord, work: () => Promise<JobResult>): Promise<JobResult> {
  try {
    const result = await work();
    conclude(record, { outcome: result.outcome }, 'none');
    return result;
  } catch (error) {
    // Cancelling takes the instance away as well: whatever the work said last, that is why.
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

/** How the command ended, and what it left. */
export interface Done {
  readonly exitCode: number;
  /** Of each node. */
  readonly exitCodes: readonly number[];
  /** Why it was asked to end; absent when it ended by itself. */
  readonly asked?: 'stop' | 'too-long' | undefined;
  readonly outputs: readonly string[];
  readonly missing: readonly string[];
  /** What was larger than the job allows, as a sentence without its end. */
  readonly cut?: string | undefined;
}

/** @throws ApplicationFailure when the command left less than the job wants back. */
export function resultOf(record: RunRecord, offer: Offer, done: Done): JobResult {
  const { exitCode, exitCodes, asked, outputs, missing, cut } = done;
  const { limits } = record.order.job;
  if (asked === 'too-long') {
    throw finalFailure(
      'command-timeout',
      `The command took longer than limits.maxCommand, ${limits.maxCommand}, and was asked to end.`,
    );
  }
  const stopped = asked === 'stop';
  if (exitCode === 0 && missing.length > 0 && !stopped) {
    throw finalFailure(
      'missing-output',
      `The command succeeded but did not leave ${missing.join(', ')}, which the job wants back.`,
    );
  }
  if (exitCode === 0 && cut !== undefined && !stopped) {
    const message = `The command succeeded, but ${cut}. What was copied before is kept. Raise limits.maxOutputs, or copy back less.`;
    throw finalFailure('missing-output', message);
  }
  record.enter('finished');
  const { setupExitCode, failures } = record.facts;
  return {
    id: record.order.id,
    outcome: stopped ? 'stopped' : exitCode === 0 ? 'succeeded' : 'failed',
    exitCode,
    exitCodes,
    setupExitCode,
    ...record.bill(),
    offer,
    failures,
    outputs,
  };
}

export function noOfferAtAll(failures: readonly JobFailure[]): ApplicationFailure {
  const each = failures.map(({ vendor, message }) => `${vendor}: ${message}`);
  const why = each.length === 0 ? '' : ` Clouds that could not be asked: ${each.join('; ')}`;
  return finalFailure('no-offer', `No cloud has an offer that meets the job's resources and limits.${why}`);
}

export function noOfferLeft(failures: readonly JobFailure[]): ApplicationFailure {
  const tried = failures.map(({ vendor, offer, message }) => `${vendor}${offer ? ` ${offer.gpu}` : ''}: ${message}`);
  return finalFailure('no-offer', `None of the offers worked out. ${tried.slice(-5).join('; ')}`);
}

export function stoppedEarly(): ApplicationFailure {
  return finalFailure('stopped', 'The run was stopped while its command was not running.');
}
