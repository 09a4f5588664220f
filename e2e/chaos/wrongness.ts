import type { Reported, RunRecord } from './run-record.ts';
import { saysNothing } from './telling.ts';

/**
 * Why what the product said of a run is not true, or undefined when it is.
 * @param offersCost Whether faults were on that can use up all offers.
 */
export function wrongness(run: RunRecord, offersCost: boolean): string | undefined {
  const { plan, reported } = run;
  if (reported === undefined) return 'it never ended';
  return wrongEnd({ ...run, reported }, offersCost) ?? saysNothing(plan, reported);
}

function wrongEnd(run: RunRecord & { readonly reported: Reported }, offersCost: boolean): string | undefined {
  const { plan, reported, suffered, evidence } = run;
  const said = `it ended as "${reported.outcome}"${reported.message === undefined ? '' : ` (${reported.message})`}`;
  switch (reported.outcome) {
    case 'succeeded':
      if (plan.kind !== 'success') return `${said}, and its kind cannot`;
      return run.kept.every((_, rank) => evidence.ends.some(({ node, exitCode }) => node === rank && exitCode === 0))
        ? undefined
        : `${said}, and no command did`;
    case 'failed':
      if (plan.kind !== 'exit-code') return `${said}, and its kind cannot`;
      return evidence.ends.some(({ exitCode }) => exitCode === reported.exitCode)
        ? undefined
        : `${said} with exit code ${reported.exitCode}, which no command had`;
    case 'missing-output':
      return plan.kind === 'missing-output' && evidence.ends.length > 0 ? undefined : said;
    case 'setup-failed':
      return plan.kind === 'setup-fails' && evidence.starts.some(({ step }) => step === 'setup') ? undefined : said;
    case 'cap-reached':
      return plan.kind === 'cap-duration' || plan.kind === 'cap-cost' ? undefined : `${said}, and it was far from it`;
    case 'cancelled':
      return suffered.has('cancel') ? undefined : `${said}, and nobody cancelled it`;
    case 'terminated':
      return suffered.has('terminate') ? undefined : `${said}, and nobody terminated it`;
    case 'stopped':
      return suffered.has('terminate-owner') ? undefined : `${said}, and nobody stopped its instance`;
    case 'no-offer':
      return offersCost ? undefined : `${said}, and no cloud refused anything`;
    default:
      return said;
  }
}
