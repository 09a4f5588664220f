import { parseInstanceName } from '@gpu-clouds/clouds';
import type { Ledger, LedgerInstance, LedgerJobDeployment, LedgerVolume } from '@gpu-clouds/simulators';
import type { Bystander } from './bystanders.ts';
import { costsOffers, type FaultClass } from './fault-classes.ts';
import { capOf } from './job-of-run.ts';
import { lostBytes } from './lost-bytes.ts';
import type { RunRecord } from './run-record.ts';
import { type Billed, unreportedDollars } from './wrong-bill.ts';
import { wrongOutcome } from './wrong-outcome.ts';

/** A time range in which teardown was impossible, because the server or a worker was down. In milliseconds since the epoch. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** Input of {@link judge}. */
export interface Findings {
  readonly ledger: Ledger;
  readonly runs: readonly RunRecord[];
  readonly outages: readonly Outage[];
  readonly faults: ReadonlySet<FaultClass>;
  /** Resources in the same accounts that belong to others. */
  readonly bystanders: readonly Bystander[];
  /** One sentence for each place that contains a planted secret. */
  readonly secretsFound: readonly string[];
  /** Highest memory use of a worker in MiB. */
  readonly workerMiB: number;
}

/** Deviations other than leaks. Each figure must be zero. */
export interface Figures {
  /** Instances and job deployments that existed at the same time as another one of the same name. */
  readonly doubleCreates: number;
  /** Steps that started more than once on one instance, and jobs that were submitted more than once to one job deployment. */
  readonly doubleRuns: number;
  readonly lostOutputBytes: number;
  readonly wrongOutcomes: number;
  /** Cost beyond caps and tolerance, in US dollars. */
  readonly overCap: number;
  /** US dollars that the vendors billed and that the product's own figures leave out. */
  readonly unreported: number;
  /** Instances, keys, and volumes of others that were deleted. */
  readonly bystandersHarmed: number;
  readonly secretsFound: number;
  /** MiB of memory of the largest worker beyond {@link maxWorkerMiB}. */
  readonly memoryOverLimit: number;
}

/** Names of all figures. */
export const figures: readonly (keyof Figures)[] = [
  'doubleCreates',
  'doubleRuns',
  'lostOutputBytes',
  'wrongOutcomes',
  'overCap',
  'unreported',
  'bystandersHarmed',
  'secretsFound',
  'memoryOverLimit',
];

/** Result of {@link judge}. */
export interface Verdict extends Figures {
  /** Number of runs by reported outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly leaked: Ledger['left'];
  /** One sentence for each deviation. */
  readonly problems: readonly string[];
}

/** Time that an instance may bill beyond its cap, in addition to outages: for heartbeat timeouts and failed deletes. */
export const toleranceSeconds = 120;

/** Memory that a worker may use in MiB: the code and ten runs take about half of it. */
export const maxWorkerMiB = 800;

/** A resource that is billed by the hour. */
type BilledItem = LedgerInstance | LedgerJobDeployment;

/** Compares the reported outcomes with the clouds' ledger and with what the commands wrote. */
export function judge({ ledger, runs, outages, faults, secretsFound, bystanders, workerMiB }: Findings): Verdict {
  const problems: string[] = [...secretsFound];
  const note = (amount: number, problem: string) => {
    if (amount > 0) problems.push(problem);
    return amount;
  };
  const instances = [...ledger.instances, ...ledger.jobDeployments];
  const itemsOf = grouped(instances, runOf);
  const volumesOf = grouped(ledger.volumes, runOf);
  const outcomes: Record<string, number> = {};
  const sums = { doubleRuns: 0, lostOutputBytes: 0, wrongOutcomes: 0, overCap: 0, unreported: 0 };
  for (const run of runs) {
    const { id } = run.plan;
    const outcome = run.reported?.outcome ?? 'never ended';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const repeated = startedAgain(run);
    sums.doubleRuns += note(repeated.length, `${id}: started more than once: ${repeated.join(', ')}`);
    const lost = lostBytes(run);
    sums.lostOutputBytes += note(lost, `${id}: ${lost} bytes that its command wrote are not stored`);
    const wrong = wrongOutcome(
      run,
      costsOffers.some((fault) => faults.has(fault)),
    );
    sums.wrongOutcomes += note(wrong === undefined ? 0 : 1, `${id} (${run.plan.kind}): ${wrong}`);
    const over = overCap(run, itemsOf.get(id) ?? [], volumesOf.get(id) ?? [], outages);
    sums.overCap += note(over, `${id}: $${over.toFixed(4)} beyond its cap`);
    const billed: Billed[] = [
      ...(itemsOf.get(id) ?? []),
      ...(volumesOf.get(id) ?? []).map((volume) => ({ ...volume, highestPricePerHour: volume.pricePerHour })),
    ];
    const unreported = unreportedDollars(run, billed);
    sums.unreported += note(unreported, `${id}: $${unreported.toFixed(4)} billed and not reported`);
  }
  const harmed = bystanders.filter(({ goneAt }) => goneAt !== undefined);
  note(
    harmed.length,
    `deleted, although others own them: ${harmed.map(({ vendor, name }) => `${vendor} ${name}`).join(', ')}`,
  );
  const memoryOverLimit = Math.max(0, workerMiB - maxWorkerMiB);
  note(memoryOverLimit, `a worker used ${workerMiB} MiB of memory`);
  const doubles = coexisting(instances);
  const left = leftBehind(ledger);
  note(left.length, `leaked: ${left.join(', ')}`);
  return {
    outcomes,
    leaked: ledger.left,
    doubleCreates: note(doubles.length, `resources with the same name at the same time: ${doubles.join(', ')}`),
    ...sums,
    bystandersHarmed: harmed.length,
    secretsFound: secretsFound.length,
    memoryOverLimit,
    problems,
  };
}

/** Returns whether nothing leaked and every figure is zero. */
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

/** Returns the instance names under which a resource was created while another one existed. A replacement after deletion does not count. */
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

/** Returns the cost beyond the cap. Includes disks, which some vendors list and bill separately. */
function overCap(
  { plan }: RunRecord,
  instances: readonly BilledItem[],
  volumes: readonly LedgerVolume[],
  outages: readonly Outage[],
): number {
  const disksOf = grouped(volumes, ({ name: instanceName }) => instanceName);
  const priceOf = ({ name: instanceName, highestPricePerHour }: BilledItem) =>
    (disksOf.get(instanceName) ?? []).reduce((sum, { pricePerHour }) => sum + pricePerHour, highestPricePerHour);
  const highestPrice = Math.max(0, ...instances.map(priceOf));
  const billed = [...instances, ...volumes].reduce((sum, { dollars }) => sum + dollars, 0);
  const tolerance = ((toleranceSeconds + secondsOut(instances, outages)) / 3600) * highestPrice;
  return Math.max(0, billed - capOf(plan, highestPrice) - tolerance);
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
