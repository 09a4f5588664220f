import { type FaultRule, type Vendor, vendors, writes } from '@gpu-clouds/simulators';
import { type ChaosOptions, type ChaosReport, chaos } from './chaos.ts';
import type { Moment } from './faults/fault.ts';
import { type FaultClass, faults } from './faults/index.ts';
import { type Plan, type PlannedFault, type PlannedRun, withCollidingIds } from './plan.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Patience } from './world.ts';

/** What the runs of a drill have in common. Default: a short job that succeeds. */
export interface DrillRun
  extends Partial<
    Pick<
      PlannedRun,
      | 'kind'
      | 'shape'
      | 'storage'
      | 'vendors'
      | 'lines'
      | 'pauseMs'
      | 'setup'
      | 'features'
      | 'gpus'
      | 'constraints'
      | 'schedule'
    >
  > {
  /** Seconds that each create takes. What happens to a run happens during its create. Default: none, and as late as possible. */
  readonly createSeconds?: number | undefined;
  /** Seconds after which a run counts as never ended. Default: enough for its kind. */
  readonly patienceSeconds?: number | undefined;
}

/** Whether a limit ends the command. */
function isEnded(kind: PlannedRun['kind']): boolean {
  return kind === 'cap-cost' || kind === 'cap-duration' || kind === 'idle-gpu';
}

/** Shorter than that of ordinary chaos: a drill runs on a product that is expected to fail. */
function patienceFor({ kind = 'success', patienceSeconds }: DrillRun, lastsMs: number): Patience {
  const isLong = isEnded(kind) || kind === 'idle-warned' || kind === 'resumes';
  const seconds = patienceSeconds ?? (isLong ? 110 : 60);
  return { runMs: seconds * 1000 + lastsMs, settleMs: 20_000 };
}

/** The latest moment that a job certainly reaches. One that is to hit its cap may do so before its command runs. */
function momentFor(kind: PlannedRun['kind'], moments: readonly Moment[] = []): Moment | undefined {
  return isEnded(kind) && moments.includes('rented') ? 'rented' : moments.at(-1);
}

/** Runs the drill of a fault class, and judges it. */
export function drillChaos(
  fault: FaultClass | undefined,
  run: DrillRun,
  options: Pick<ChaosOptions, 'signal' | 'note' | 'keep' | 'bundle'>,
): Promise<ChaosReport> {
  const plan = drillPlan(fault, run);
  const { lastsMs = 0 } = fault === undefined ? {} : faults[fault];
  const enabled: ReadonlySet<FaultClass> = new Set(fault === undefined ? [] : [fault]);
  const runs = plan.runs.length;
  return chaos({
    ...options,
    plan,
    faults: enabled,
    patience: patienceFor(run, lastsMs),
    drill: true,
    seed: 1,
    runs,
    concurrency: runs,
  });
}

/**
 * Creates the smallest plan in which a fault class certainly strikes: one run for each vendor, and every one is affected.
 * @param fault Default: no fault at all.
 */
export function drillPlan(fault: FaultClass | undefined, run: DrillRun = {}, seed = 1): Plan {
  const random = new SeededRandom(seed);
  const { system, run: ofRun, job, files, drillsAtMs = [200], drillsFirst } = fault === undefined ? {} : faults[fault];
  const { createSeconds, patienceSeconds, ...common } = run;
  const { kind = 'success', shape = 'instance' } = run;
  // One run only: the cheapest offer lasts for as long as a cost cap should, and may be sold out for another.
  const verdaOnly = kind === 'cap-cost' || shape === 'job-deployment' || run.storage !== undefined;
  const chosen = run.vendors ?? (verdaOnly ? ['verda'] : vendors);
  const runs = chosen.map((vendor, index): PlannedRun => {
    const at = createSeconds === undefined ? momentFor(kind, ofRun?.at) : 'started';
    const delayMs = createSeconds === undefined ? 500 : createSeconds * 500;
    const fileTrouble = files?.[index % files.length];
    return {
      id: `drill${seed}r${index}`,
      kind,
      shape,
      exitCode: kind === 'exit-code' ? 3 : 0,
      lines: 40,
      pauseMs: 250,
      setup: kind === 'setup-fails',
      ...common,
      vendors: kind === 'cap-cost' && run.storage === undefined ? vendors : [vendor],
      interferences:
        fault === undefined || ofRun === undefined || at === undefined
          ? []
          : [{ what: fault, action: ofRun.draw(random), at, delayMs }],
      hostile: job === undefined ? undefined : fault,
      fileTrouble,
    };
  });
  const strikes = drillsAtMs.flatMap((delayMs) => {
    const actions = chosen.flatMap((vendor) => system?.draw(random, vendor) ?? []);
    // A fault that is not about a vendor strikes once.
    const once = actions.slice(0, actions[0]?.what === 'vendor' ? actions.length : 1);
    return once.map((action): PlannedFault => ({ afterStarts: drillsFirst ? 0 : runs.length, delayMs, action }));
  });
  return {
    runs: withCollidingIds(runs),
    faults: [...slowCreates(chosen, createSeconds), ...strikes],
    lateMs: createSeconds && createSeconds * 1000,
  };
}

/** Lets every create of the vendors take effect late, and answer then. */
function slowCreates(chosen: readonly Vendor[], seconds: number | undefined): readonly PlannedFault[] {
  if (seconds === undefined) return [];
  const rules = chosen.map((vendor): FaultRule => ({ kind: 'latency', vendor, operation: writes[vendor][0], seconds }));
  return [{ afterStarts: 0, delayMs: 0, action: { what: 'vendor', rules } }];
}
