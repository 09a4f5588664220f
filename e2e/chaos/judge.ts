import { parseInstanceName } from '@gpu-clouds/clouds';
import type { Ledger, LedgerInstance, LedgerJobDeployment, LedgerVolume } from '@gpu-clouds/simulators';
import { costsOffers, type FaultClass } from './fault-classes.ts';
import { capOf } from './job-of-run.ts';
import { lostBytes } from './lost-bytes.ts';
import type { RunRecord } from './run-record.ts';
import { wrongness } from './wrongness.ts';

/** Milliseconds since the epoch during which nobody could have torn anything down: no server, or no worker to go on. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

export interface Findings {
  readonly ledger: Ledger;
  readonly runs: readonly RunRecord[];
  readonly outages: readonly Outage[];
  readonly faults: ReadonlySet<FaultClass>;
  /** Where planted secrets were found, a sentence each. */
  readonly secretsFound: readonly string[];
}

/** What is wrong, beside what is left. */
export interface Figures {
  /** Instances and job deployments that were there beside another one of the same instance name. */
  readonly doubleCreates: number;
  /** Steps that were started more than once on one instance, and jobs that one fleet was given more than once. */
  readonly doubleRuns: number;
  readonly lostOutputBytes: number;
  readonly wrongOutcomes: number;
  /** US dollars beyond caps and tolerance. */
  readonly overCap: number;
  readonly secretsFound: number;
}

export const figures: readonly (keyof Figures)[] = [
  ...(['doubleCreates', 'doubleRuns', 'lostOutputBytes', 'wrongOutcomes', 'overCap', 'secretsFound'] as const),
];

export interface Verdict extends Figures {
  /** How many runs ended how, as the product said. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly leaked: Ledger['left'];
  /** Why a number is not zero, a sentence each. */
  readonly problems: readonly string[];
}

/** Beyond its cap an instance may bill for so long, at any outage besides: heartbeats that time out, deletes that fail. */
export const toleranceSeconds = 120;

/** What bills by the hour. */
type BilledItem = LedgerInstance | LedgerJobDeployment;

/** Holds what the product says against the clouds' ledger and what the commands wrote. */
export function judge({ ledger, runs, outages, faults, secretsFound }: Findings): Verdict {
  const problems: string[] = [...secretsFound];
  const note = (amount: number, problem: string) => {
    if (amount > 0) problems.push(problem);
    return amount;
  };
  const instances = [...ledger.instances, ...ledger.jobDeployments];
  const itemsOf = grouped(instances, runOf);
  const volumesOf = grouped(ledger.volumes, runOf);
  const outcomes: Record<string, number> = {};
  const sums = { doubleRuns: 0, lostOutputBytes: 0, wrongOutcomes: 0, overCap: 0 };
  for (const run of runs) {
    const { id } = run.plan;
    const outcome = run.reported?.outcome ?? 'never ended';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const twice = startedAgain(run);
    sums.doubleRuns += note(twice.length, `${id}: started more than once: ${twice.join(', ')}`);
    const lost = lostBytes(run);
    sums.lostOutputBytes += note(lost, `${id}: ${lost} bytes that its command wrote are not stored`);
    const wrong = wrongness(
      run,
      costsOffers.some((fault) => faults.has(fault)),
    );
    sums.wrongOutcomes += note(wrong === undefined ? 0 : 1, `${id} (${run.plan.kind}): ${wrong}`);
    const over = overCap(run, itemsOf.get(id) ?? [], volumesOf.get(id) ?? [], outages);
    sums.overCap += note(over, `${id}: $${over.toFixed(4)} beyond its cap`);
  }
  const doubles = coexisting(instances);
  const left = leftBehind(ledger);
  note(left.length, `left: ${left.join(', ')}`);
  return {
    outcomes,
    leaked: ledger.left,
    doubleCreates: note(doubles.length, `two of one name: ${doubles.join(', ')}`),
    ...sums,
    secretsFound: secretsFound.length,
    problems,
  };
}

export function isClean(verdict: Omit<Verdict, 'problems'>): boolean {
  return [...Object.values(verdict.leaked), ...figures.map((name) => verdict[name])].every((count) => count === 0);
}

function leftBehind({ instances, keys, volumes, jobDeployments }: Ledger): readonly string[] {
  return [...instances, ...keys, ...volumes, ...jobDeployments]
    .filter(({ goneAt }) => goneAt === undefined)
    .map(({ vendor, name, id }) => `${vendor} ${name} ${id}`);
}

function startedAgain({ evidence }: RunRecord): readonly string[] {
  const starts = grouped(evidence.starts, ({ step, instance }) => `${step} on ${instance}`);
  return [...starts].filter(([, times]) => times.length > 1).map(([where]) => where);
}

/** Instance names under which something was ordered while another one was there. One after the other is no double: both were not billed at once. */
function coexisting(instances: readonly BilledItem[]): readonly string[] {
  const doubles: string[] = [];
  for (const [instanceName, same] of grouped(instances, (instance) => instance.name)) {
    const inOrder = [...same].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
    for (const [index, one] of inOrder.entries()) {
      const before = inOrder.slice(0, index);
      if (before.some(({ goneAt }) => goneAt === undefined || Date.parse(goneAt) > Date.parse(one.createdAt))) {
        doubles.push(instanceName);
      }
    }
  }
  return doubles;
}

function runOf({ name }: { readonly name: string }): string {
  return parseInstanceName(name)?.run ?? '';
}

/** An instance bills with its disks, which some vendors price and list apart from it. */
function overCap(
  { plan }: RunRecord,
  instances: readonly BilledItem[],
  volumes: readonly LedgerVolume[],
  outages: readonly Outage[],
): number {
  const disksOf = grouped(volumes, ({ name: instanceName }) => instanceName);
  const priceOf = ({ name: instanceName, highestPricePerHour }: BilledItem) =>
    (disksOf.get(instanceName) ?? []).reduce((sum, { pricePerHour }) => sum + pricePerHour, highestPricePerHour);
  const dearest = Math.max(0, ...instances.map(priceOf));
  const billed = [...instances, ...volumes].reduce((sum, { dollars }) => sum + dollars, 0);
  const tolerance = ((toleranceSeconds + secondsOut(instances, outages)) / 3600) * dearest;
  return Math.max(0, billed - capOf(plan, dearest) - tolerance);
}

function secondsOut(instances: readonly BilledItem[], outages: readonly Outage[]): number {
  const from = Math.min(...instances.map(({ createdAt }) => Date.parse(createdAt)));
  const to = Math.max(...instances.map(({ goneAt }) => (goneAt === undefined ? Date.now() : Date.parse(goneAt))));
  const milliseconds = outages.reduce(
    (sum, outage) => sum + Math.max(0, Math.min(outage.to, to) - Math.max(outage.from, from)),
    0,
  );
  return milliseconds / 1000;
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
