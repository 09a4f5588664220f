import { type ChaosReport, chaos } from './chaos.ts';
import { type FaultClass, faults } from './faults/index.ts';
import { vendors } from './faults/vendor-faults.ts';
import type { Plan, PlannedFault, PlannedRun } from './plan.ts';
import { SeededRandom } from './seeded-random.ts';

/** What the runs of a drill have in common. Default: a short job that succeeds. */
export type DrillRun = Partial<
  Pick<PlannedRun, 'kind' | 'shape' | 'storage' | 'vendors' | 'lines' | 'pauseMs' | 'setup'>
>;

/** Shorter than that of ordinary chaos: a drill runs on a product that is expected to fail. */
const patience = { runMs: 110_000, settleMs: 30_000 };

/** Runs the drill of a fault class, and judges it. */
export function drillChaos(
  fault: FaultClass | undefined,
  run: DrillRun,
  options: { readonly signal: AbortSignal; readonly note: (line: string) => void; readonly keep: boolean },
): Promise<ChaosReport> {
  const plan = drillPlan(fault, run);
  const faults: ReadonlySet<FaultClass> = new Set(fault === undefined ? [] : [fault]);
  return chaos({ ...options, plan, faults, patience, seed: 1, runs: drillRuns, concurrency: drillRuns });
}

/** Number of runs of a drill. */
const drillRuns = 3;

/**
 * Creates the smallest plan in which a fault class certainly strikes: a system fault after the start of each run, and every run affected.
 * @param fault Default: no fault at all.
 */
export function drillPlan(fault: FaultClass | undefined, run: DrillRun = {}, seed = 1): Plan {
  const random = new SeededRandom(seed);
  const { system, run: ofRun, job } = fault === undefined ? {} : faults[fault];
  const runs = Array.from({ length: drillRuns }, (_, index): PlannedRun => {
    const { kind = 'success', shape = 'instance' } = run;
    return {
      id: `drill${seed}r${index}`,
      kind,
      shape,
      exitCode: kind === 'exit-code' ? 3 : 0,
      vendors: shape === 'job-deployment' || run.storage !== undefined ? ['verda'] : vendors,
      lines: 30,
      pauseMs: 250,
      setup: kind === 'setup-fails',
      ...run,
      interferences:
        fault === undefined || ofRun === undefined
          ? []
          : [
              {
                what: fault,
                action: ofRun.draw(random),
                at: ofRun.at[index % ofRun.at.length] ?? ofRun.at[0],
                delayMs: 500,
              },
            ],
      hostile: job === undefined ? undefined : fault,
    };
  });
  const strikes = runs.map((_, index): PlannedFault[] =>
    system === undefined ? [] : [{ afterStarts: index + 1, delayMs: random.int(0, 4000), action: system.draw(random) }],
  );
  return { runs, faults: strikes.flat() };
}
