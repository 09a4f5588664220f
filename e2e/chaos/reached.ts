import { furtherAttempts, plannedRepeats } from './job-of-run.ts';
import { hasFeature } from './plan.ts';
import type { RunRecord } from './run-record.ts';

/** In how many runs something came about that chaos judges, and that a plan alone cannot bring about. */
export interface Reached {
  /** A command found the checkpoint of another instance. */
  readonly restored: number;
  /** A command was to run again after an exit code that its job lists, and failed in the end. */
  readonly listedCodes: number;
  /** A command failed with an exit code that its job does not list. */
  readonly otherCodes: number;
  /** The run rented, and its job prefers the order of its alternatives. */
  readonly preferredOrder: number;
  /** The run rented, and its job prefers the price. */
  readonly preferredPrice: number;
  /** The GPUs of a job that goes on nevertheless were shown to be idle. */
  readonly idleWarnings: number;
}

/** Counts the runs in which something came about. */
export function reachedBy(runs: readonly RunRecord[]): Reached {
  const count = (came: (run: RunRecord) => boolean) => runs.filter(came).length;
  const failedWithList = ({ plan, reported }: RunRecord) =>
    reported?.outcome === 'failed' && furtherAttempts(plan)?.exitCodes !== undefined;
  const chose = (run: RunRecord) =>
    hasFeature(run.plan, 'alternatives') && run.evidence.starts.length > 0 && !run.lease;
  const byPrice = ({ plan }: RunRecord) => hasFeature(plan, 'prefers-price');
  return {
    restored: count(({ evidence }) => (evidence.checkpoints ?? []).some(isOfAnother)),
    listedCodes: count((run) => failedWithList(run) && plannedRepeats(run.plan) > 0),
    otherCodes: count((run) => failedWithList(run) && plannedRepeats(run.plan) === 0),
    preferredOrder: count((run) => chose(run) && !byPrice(run)),
    preferredPrice: count((run) => chose(run) && byPrice(run)),
    idleWarnings: count(({ flagged }) => flagged === true),
  };
}

function isOfAnother(note: NonNullable<RunRecord['evidence']['checkpoints']>[number]): boolean {
  return note.what === 'restored' && note.by !== note.instance;
}
