import { parseLabel } from '@gpu-clouds/clouds';
import type { Ledger, LedgerDeployment, LedgerInstance, LedgerVolume } from '@gpu-clouds/simulators';
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
  /** Machines and job deployments that were there beside another one of the same label. */
  readonly doubleCreates: number;
  /** Steps that were started more than once on one machine, and jobs that one deployment was given more than once. */
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

/** Beyond its cap a machine may bill for so long, at any outage besides: heartbeats that time out, deletes that fail. */
export const toleranceSeconds = 120;

/** What bills by the hour. */
type Rental = LedgerInstance | LedgerDeployment;

/** Holds what the product says against the clouds' ledger and what the commands wrote. */
export function judge({ ledger, runs, outages, faults, secretsFound }: Findings): Verdict {
  const problems: string[] = [...secretsFound];
  const note = (amount: number, problem: string) => {
    if (amount > 0) problems.push(problem);
    return amount;
  };
  const rentals = [...ledger.instances, ...ledger.deployments];
  const rentalsOf = grouped(rentals, runOf);
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
    const over = overCap(run, rentalsOf.get(id) ?? [], volumesOf.get(id) ?? [], outages);
    sums.overCap += note(over, `${id}: $${over.toFixed(4)} beyond its cap`);
  }
  const doubles = coexisting(rentals);
  const left = leftBehind(ledger);
  note(left.length, `left: ${left.join(', ')}`);
  return {
    outcomes,
    leaked: ledger.left,
    doubleCreates: note(doubles.length, `two of one label: ${doubles.join(', ')}`),
    ...sums,
    secretsFound: secretsFound.length,
    problems,
  };
}

export function isClean(verdict: Omit<Verdict, 'problems'>): boolean {
  return [...Object.values(verdict.leaked), ...figures.map((name) => verdict[name])].every((count) => count === 0);
}

function leftBehind({ instances, keys, volumes, deployments }: Ledger): readonly string[] {
  return [...instances, ...keys, ...volumes, ...deployments]
    .filter(({ goneAt }) => goneAt === undefined)
    .map(({ vendor, label, id }) => `${vendor} ${label} ${id}`);
}

function startedAgain({ evidence }: RunRecord): readonly string[] {
  const starts = grouped(evidence.starts, ({ step, machine }) => `${step} on ${machine}`);
  return [...starts].filter(([, times]) => times.length > 1).map(([where]) => where);
}

/** Labels under which something was ordered while another one was there. One after the other is no double: both were not billed at once. */
function coexisting(rentals: readonly Rental[]): readonly string[] {
  const doubles: string[] = [];
  for (const [label, same] of grouped(rentals, (rental) => rental.label)) {
    const inOrder = [...same].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
    for (const [index, one] of inOrder.entries()) {
      const before = inOrder.slice(0, index);
      if (before.some(({ goneAt }) => goneAt === undefined || Date.parse(goneAt) > Date.parse(one.createdAt))) {
        doubles.push(label);
      }
    }
  }
  return doubles;
}

function runOf({ label }: { readonly label: string }): string {
  return parseLabel(label)?.run ?? '';
}

/** A machine bills with its disks, which some vendors price and list apart from it. */
function overCap(
  { plan }: RunRecord,
  rentals: readonly Rental[],
  volumes: readonly LedgerVolume[],
  outages: readonly Outage[],
): number {
  const disksOf = grouped(volumes, ({ label }) => label);
  const priceOf = ({ label, highestPricePerHour }: Rental) =>
    (disksOf.get(label) ?? []).reduce((sum, { pricePerHour }) => sum + pricePerHour, highestPricePerHour);
  const dearest = Math.max(0, ...rentals.map(priceOf));
  const billed = [...rentals, ...volumes].reduce((sum, { dollars }) => sum + dollars, 0);
  const tolerance = ((toleranceSeconds + secondsOut(rentals, outages)) / 3600) * dearest;
  return Math.max(0, billed - capOf(plan, dearest) - tolerance);
}

function secondsOut(rentals: readonly Rental[], outages: readonly Outage[]): number {
  const from = Math.min(...rentals.map(({ createdAt }) => Date.parse(createdAt)));
  const to = Math.max(...rentals.map(({ goneAt }) => (goneAt === undefined ? Date.now() : Date.parse(goneAt))));
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
