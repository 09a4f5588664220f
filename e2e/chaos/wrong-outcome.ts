import { messageProblem } from './message-problem.ts';
import type { Reported, RunRecord } from './run-record.ts';

/**
 * Returns why the reported outcome of a run is wrong, or undefined when it is correct.
 * @param offersCost Whether faults were enabled that can make all offers fail.
 */
export function wrongOutcome(run: RunRecord, offersCost: boolean): string | undefined {
  const { plan, reported } = run;
  if (reported === undefined) return 'it never ended';
  return wrongEnd({ ...run, reported }, offersCost) ?? messageProblem(plan, reported);
}

function wrongEnd(run: RunRecord & { readonly reported: Reported }, offersCost: boolean): string | undefined {
  const { plan, reported, applied, evidence } = run;
  const said = `it ended as "${reported.outcome}"${reported.message === undefined ? '' : ` (${reported.message})`}`;
  switch (reported.outcome) {
    case 'succeeded':
      if (plan.kind !== 'success') return `${said}, which a job of its kind cannot`;
      return run.kept.every((_, rank) => evidence.ends.some(({ node, exitCode }) => node === rank && exitCode === 0))
        ? undefined
        : `${said}, but a command did not`;
    case 'failed':
      if (plan.kind !== 'exit-code') return `${said}, which a job of its kind cannot`;
      return evidence.ends.some(({ exitCode }) => exitCode === reported.exitCode)
        ? undefined
        : `${said} with exit code ${reported.exitCode}, but no command exited with it`;
    case 'missing-output':
      return plan.kind === 'missing-output' && evidence.ends.length > 0 ? undefined : said;
    case 'setup-failed':
      return plan.kind === 'setup-fails' && evidence.starts.some(({ step }) => step === 'setup') ? undefined : said;
    case 'cap-reached':
      return plan.kind === 'cap-duration' || plan.kind === 'cap-cost'
        ? undefined
        : `${said}, but its job has no such cap`;
    case 'cancelled':
      return applied.has('cancel') ? undefined : `${said}, but it was not cancelled`;
    case 'terminated':
      return applied.has('terminate') ? undefined : `${said}, but it was not terminated`;
    case 'stopped':
      return applied.has('terminate-owner') ? undefined : `${said}, but its owner was not terminated`;
    case 'no-offer':
      return offersCost ? undefined : `${said}, but no fault makes offers fail`;
    default:
      return said;
  }
}
