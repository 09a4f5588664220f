import { parseLabel } from '@gpu-clouds/clouds';
import type { Ledger, LedgerInstance } from '@gpu-clouds/simulators';
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

export interface Verdict {
  /** How many runs ended how, as the product said. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly leaked: Ledger['left'];
  /** Machines that were there beside another one of the same label. */
  readonly doubleCreates: number;
  /** Steps that were started more than once on one machine. */
  readonly doubleRuns: number;
  readonly lostOutputBytes: number;
  readonly wrongOutcomes: number;
  /** US dollars beyond caps and tolerance. */
  readonly overCap: number;
  readonly secretsFound: number;
  /** Why a number is not zero, a sentence each. */
  readonly problems: readonly string[];
}

/** Beyond its cap a machine may bill for so long, at any outage besides: heartbeats that time out, deletes that fail. */
export const toleranceSeconds = 120;

/** Holds what the product says against the clouds' ledger and what the commands wrote. */
export function judge({ ledger, runs, outages, faults, secretsFound }: Findings): Verdict {
  const problems: string[] = [...secretsFound];
  const note = (amount: number, problem: string) => {
    if (amount > 0) problems.push(problem);
    return amount;
  };
  const machines = machinesByRun(ledger);
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
    const over = overCap(run, machines.get(id) ?? [], outages);
    sums.overCap += note(over, `${id}: $${over.toFixed(4)} beyond its cap`);
  }
  const doubles = coexisting(ledger.instances);
  const left = leftBehind(ledger);
  note(left.length, `left: ${left.join(', ')}`);
  return {
    outcomes,
    leaked: ledger.left,
    doubleCreates: note(doubles.length, `two machines of one label: ${doubles.join(', ')}`),
    ...sums,
    secretsFound: secretsFound.length,
    problems,
  };
}

export function isClean(verdict: Omit<Verdict, 'problems'>): boolean {
  const { leaked, doubleCreates, doubleRuns, lostOutputBytes, wrongOutcomes, overCap: over, secretsFound } = verdict;
  const counts = [doubleCreates, doubleRuns, lostOutputBytes, wrongOutcomes, over, secretsFound];
  return [...Object.values(leaked), ...counts].every((count) => count === 0);
}

function leftBehind({ instances, keys, volumes, deployments }: Ledger): readonly string[] {
  return [...instances, ...keys, ...volumes, ...deployments]
    .filter(({ goneAt }) => goneAt === undefined)
    .map(({ vendor, label, id }) => `${vendor} ${label} ${id}`);
}

function machinesByRun({ instances }: Ledger): ReadonlyMap<string, readonly LedgerInstance[]> {
  return grouped(instances, ({ label }) => parseLabel(label)?.run ?? '');
}

function startedAgain({ evidence }: RunRecord): readonly string[] {
  const starts = grouped(evidence.starts, ({ step, machine }) => `${step} on ${machine}`);
  return [...starts].filter(([, times]) => times.length > 1).map(([where]) => where);
}

/** Labels under which a machine was ordered while another one was there. One after the other is no double: both were not billed at once. */
function coexisting(instances: readonly LedgerInstance[]): readonly string[] {
  const doubles: string[] = [];
  for (const [label, same] of grouped(instances, (instance) => instance.label)) {
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

function overCap({ plan }: RunRecord, machines: readonly LedgerInstance[], outages: readonly Outage[]): number {
  const dearest = Math.max(0, ...machines.map(({ highestPricePerHour }) => highestPricePerHour));
  const billed = machines.reduce((sum, { dollars }) => sum + dollars, 0);
  const tolerance = ((toleranceSeconds + secondsOut(machines, outages)) / 3600) * dearest;
  return Math.max(0, billed - capOf(plan, dearest) - tolerance);
}

function secondsOut(machines: readonly LedgerInstance[], outages: readonly Outage[]): number {
  const from = Math.min(...machines.map(({ createdAt }) => Date.parse(createdAt)));
  const to = Math.max(...machines.map(({ goneAt }) => (goneAt === undefined ? Date.now() : Date.parse(goneAt))));
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
