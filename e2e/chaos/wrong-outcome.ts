import { failurePolicies } from '@gpu-clouds/jobs';
import { type FaultClass, faults } from './faults/index.ts';
import { plannedRepeats } from './job-of-run.ts';
import { messageProblem } from './message-problem.ts';
import type { JobKind } from './plan.ts';
import type { Reported, RunRecord } from './run-record.ts';

/** Kinds of jobs that succeed. */
const succeeding: ReadonlySet<JobKind> = new Set(['success', 'idle-warned', 'resumes']);

/**
 * Returns why the reported outcome of a run is wrong, or undefined when it is correct.
 * @param enabled Fault classes that were enabled.
 * @param rented Number of instances and job deployments that were created for the run.
 */
export function wrongOutcome(run: RunRecord, enabled: ReadonlySet<FaultClass>, rented: number): string | undefined {
  const { plan, reported } = run;
  if (reported === undefined) return 'it never ended';
  const hostile = plan.hostile && faults[plan.hostile].job;
  if (hostile?.rentsNothing && rented > 0) return `it rented ${rented} instances, although nothing could come of it`;
  const explained = [...explainedBy(run, enabled), ...(hostile?.outcomes ?? [])].includes(reported.outcome);
  const ended = ['succeeded', 'failed'].includes(reported.outcome);
  if (ended && hostile?.outcomes && !explained)
    return `it ended as "${reported.outcome}", which its fault does not allow`;
  const wrong = explained ? undefined : wrongEnd({ ...run, reported }, offersFail(enabled));
  return wrong ?? messageProblem(plan, reported);
}

/** Whether one of these faults can make an offer fail, or end an instance. */
export function offersFail(enabled: ReadonlySet<FaultClass>): boolean {
  return [...enabled].some((fault) => {
    const costs = faults[fault].costsOffers;
    return costs === true || (costs === 'with-others' && enabled.size > 1);
  });
}

/** Outcomes that the faults which struck the run explain. */
function explainedBy({ applied }: RunRecord, enabled: ReadonlySet<FaultClass>): readonly string[] {
  const ofSystem = [...enabled].filter((fault) => faults[fault].system);
  return [...applied, ...ofSystem].flatMap((fault) => faults[fault].explains ?? []);
}

function wrongEnd(run: RunRecord & { readonly reported: Reported }, costsOffers: boolean): string | undefined {
  const { plan, reported, evidence } = run;
  const said = `it ended as "${reported.outcome}"${reported.message === undefined ? '' : ` (${reported.message})`}`;
  switch (reported.outcome) {
    case 'succeeded':
      if (!succeeding.has(plan.kind)) return `${said}, which a job of its kind cannot`;
      if (plan.kind === 'idle-warned' && !run.flagged) return `${said}, but its idle GPUs were not shown`;
      return run.kept.every((_, rank) => evidence.ends.some(({ node, exitCode }) => node === rank && exitCode === 0))
        ? undefined
        : `${said}, but a command did not`;
    case 'failed':
      if (plan.hostile && faults[plan.hostile].job?.exitCode === reported.exitCode) return undefined;
      // What ends a command at a reboot may leave its shell the time to note that.
      if (run.applied.has('reboot') && (reported.exitCode ?? 0) > 128) return undefined;
      if (plan.kind !== 'exit-code') return `${said}, which a job of its kind cannot`;
      if (!evidence.ends.some(({ exitCode }) => exitCode === reported.exitCode))
        return `${said} with exit code ${reported.exitCode}, but no command exited with it`;
      return wrongRepeats(run, said);
    case 'missing-output':
      return plan.kind === 'missing-output' && evidence.ends.length > 0 ? undefined : said;
    case 'setup-failed':
      return plan.kind === 'setup-fails' && evidence.starts.some(({ step }) => step === 'setup') ? undefined : said;
    case 'cap-reached':
      return plan.kind === 'cap-duration' || plan.kind === 'cap-cost'
        ? undefined
        : `${said}, but its job has no such cap`;
    case 'idle-gpu':
      return plan.kind === 'idle-gpu' ? undefined : `${said}, but its GPUs were busy`;
    case 'input-refused':
      return plan.fileTrouble === 'other-bytes' ? undefined : `${said}, but its files are what they should be`;
    case 'lease-ended':
      return wrongLeaseEnd(run, said, costsOffers);
    case 'no-offer':
      return costsOffers ? undefined : `${said}, but no fault makes offers fail`;
    default:
      return run.lease && costsOffers && wouldCostOffer(reported.outcome)
        ? undefined
        : `${said}, which no fault explains`;
  }
}

/** Returns why the command ran too often or not often enough. Each attempt's output is stored apart, so a second output shows a second attempt. */
function wrongRepeats({ plan, evidence, kept }: RunRecord, said: string): string | undefined {
  const repeats = plannedRepeats(plan);
  if (repeats === 0 && kept.some(({ again = '' }) => again !== ''))
    return `${said}, but its command was run again after an exit code that its job does not list`;
  return evidence.ends.length > repeats ? undefined : `${said}, but its command was not run again`;
}

/** Whether a run that is not on a lease would go on with another offer. */
function wouldCostOffer(outcome: string): boolean {
  return Object.entries(failurePolicies).some(([kind, { next }]) => kind === outcome && next !== 'end-run');
}

function wrongLeaseEnd({ lease, applied }: RunRecord, said: string, costsOffers: boolean): string | undefined {
  if (lease === undefined) return `${said}, but it ran on none`;
  if (lease.released) return `${said}, but its lease lived on`;
  return costsOffers || applied.has('terminate-owner') ? undefined : `${said}, but no fault ends a lease`;
}
