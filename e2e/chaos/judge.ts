import { parseInstanceName } from '@gpu-clouds/clouds';
import type { Ledger } from '@gpu-clouds/simulators';
import type { Bystander } from './bystanders.ts';
import type { FaultClass } from './faults/index.ts';
import { grouped } from './grouped.ts';
import { furtherAttempts, plannedRepeats } from './job-of-run.ts';
import { lostBytes } from './lost-bytes.ts';
import { namesOf } from './names-of.ts';
import { type BilledItem, type Outage, overCap, secondsOut } from './over-cap.ts';
import type { ResourceUse } from './resource-use.ts';
import { runKey, runOf } from './run-key.ts';
import type { LeaseRecord, RunRecord } from './run-record.ts';
import { type ScheduleRecord, wrongSchedule } from './schedules.ts';
import { expectedInSlack, expectedType, type Notified } from './webhook.ts';
import { type Billed, unreportedDollars, wrongFigure } from './wrong-bill.ts';
import { wrongCheckpoint } from './wrong-checkpoint.ts';
import { wrongChoice } from './wrong-choice.ts';
import { wrongFiles } from './wrong-files.ts';
import { wrongInstances } from './wrong-instances.ts';
import { wrongLease, wrongUse } from './wrong-lease.ts';
import { offersFail, wrongOutcome } from './wrong-outcome.ts';

/** Input of {@link judge}. */
export interface Findings {
  readonly ledger: Ledger;
  readonly runs: readonly RunRecord[];
  readonly leases: readonly LeaseRecord[];
  readonly schedules: readonly ScheduleRecord[];
  readonly outages: readonly Outage[];
  readonly faults: ReadonlySet<FaultClass>;
  /** Resources in the same accounts that belong to others. */
  readonly bystanders: readonly Bystander[];
  /** One sentence for each place that contains a planted secret. */
  readonly secretsFound: readonly string[];
  /** What the workers used at most. */
  readonly used: ResourceUse;
  /** What the reaper destroyed after all runs had ended. */
  readonly reaped: readonly Reaped[];
  /** Resources that a reaper destroyed although their owner was alive. */
  readonly reapedAlive: readonly Reaped[];
  /** What the webhook was told. It refused the first delivery for each run. */
  readonly notified: Notified;
  /** The same of what was sent in the form of Slack. */
  readonly notifiedInSlack: Notified;
}

/** Something that a reaper destroyed. */
export interface Reaped {
  readonly instanceName: string;
  readonly key: string;
}

/** Deviations other than leaks. Each figure must be zero. */
export const noDeviation = {
  /** Instances and job deployments that existed at the same time as another one of the same name. */
  doubleCreates: 0,
  /** Steps that started more than once on one instance, and jobs that were submitted more than once to one job deployment. */
  doubleRuns: 0,
  /** Resources that the reaper had to destroy, although no fault explains that their owner did not. */
  orphaned: 0,
  /** Resources that a reaper destroyed although their owner was alive. */
  reapedAlive: 0,
  /** Seconds that resources existed beyond the deadline in their names and the tolerance. */
  overdue: 0,
  lostOutputBytes: 0,
  wrongOutcomes: 0,
  /** Cost beyond caps and tolerance, in US dollars. */
  overCap: 0,
  /** US dollars that the vendors billed and that the product's own figures leave out. */
  unreported: 0,
  /** Runs whose own figures (cost, prices, phases) contradict the ledger or each other. */
  wrongFigures: 0,
  /** Instances that their run's job does not allow (their vendor, region, or size), or that it prefers less than another one. */
  wrongInstances: 0,
  /** Runs whose command found a checkpoint that is torn, that it had not written, or that is older than a stored one. */
  wrongCheckpoints: 0,
  /** Runs whose webhook was told nothing after its refusal, or something else than the outcome. */
  wrongNotices: 0,
  /** Runs whose files from elsewhere did not arrive whole, on the instance or in the bucket. */
  wrongFiles: 0,
  /** Schedules that started another number of runs than they were asked for, or that are left. */
  wrongSchedules: 0,
  /** Leases that ended without a reason, and runs on them that rented, or used GPUs of another run. */
  wrongLeases: 0,
  /** Instances, keys, and volumes of others that were deleted. */
  bystandersHarmed: 0,
  secretsFound: 0,
  /** MiB of memory of the largest worker beyond {@link maxWorkerMiB}. */
  memoryOverLimit: 0,
  /** MiB of the largest run in the run store beyond {@link maxRunMiB}. */
  diskOverLimit: 0,
  /** Warnings of Node, and errors that nothing handled, in the logs of the workers. */
  warnings: 0,
};

/** Deviations other than leaks. Each figure must be zero. */
export type Figures = Readonly<typeof noDeviation>;

/** Names of all figures. */
export const figures = namesOf(noDeviation);

/** Result of {@link judge}. */
export interface Verdict extends Figures {
  /** Number of runs by reported outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly leaked: Ledger['left'];
  /** One sentence for each deviation. */
  readonly problems: readonly string[];
}

/** Memory that a worker may use in MiB: the code and ten runs take about half of it. */
export const maxWorkerMiB = 800;

/** MiB that one run may take in the run store. Jobs limit their output and their outputs to about 10 MiB each. */
export const maxRunMiB = 24;

/** Compares the reported outcomes with the clouds' ledger and with what the commands wrote. */
export function judge(findings: Findings): Verdict {
  const { ledger, runs, bystanders, used } = findings;
  const figuresSoFar = { ...noDeviation };
  const problems: string[] = [];
  const note = (figure: keyof Figures, amount: number, problem: string) => {
    if (amount <= 0) return;
    figuresSoFar[figure] += amount;
    problems.push(problem);
  };
  const noteEach = (figure: keyof Figures, items: readonly string[], problem: string) =>
    note(figure, items.length, `${problem}: ${items.join(', ')}`);
  const instances = [...ledger.instances, ...ledger.jobDeployments];
  const itemsOf = grouped(instances, runOf);
  const volumesOf = grouped(ledger.volumes, runOf);
  for (const run of runs) {
    const items = itemsOf.get(runKey(run.plan.id)) ?? [];
    const volumes = volumesOf.get(runKey(run.plan.id)) ?? [];
    judgeRun(run, { ...findings, items, volumes }, note);
    for (const [told, expected] of [
      [findings.notified, expectedType(run)],
      [findings.notifiedInSlack, expectedInSlack(run)],
    ] as const) {
      const wrong = wrongNotice(run, told.get(run.plan.id) ?? [], expected);
      note('wrongNotices', wrong === undefined ? 0 : 1, `${run.plan.id}: ${wrong}`);
    }
  }
  for (const lease of findings.leases) {
    const key = runOf({ name: lease.id });
    judgeLease(lease, { ...findings, items: itemsOf.get(key) ?? [], volumes: volumesOf.get(key) ?? [] }, note);
  }
  for (const schedule of findings.schedules) {
    const wrong = wrongSchedule(schedule);
    note('wrongSchedules', wrong === undefined ? 0 : 1, `the schedule ${schedule.name}: ${wrong}`);
  }
  noteEach(
    'bystandersHarmed',
    bystanders.filter(({ goneAt }) => goneAt !== undefined).map(labelOf),
    'deleted, although others own them',
  );
  noteEach(
    'orphaned',
    findings.reaped.filter((one) => !mayBeReaped(one, findings)).map(reapedLabel),
    'only the reaper destroyed',
  );
  noteEach('reapedAlive', findings.reapedAlive.map(reapedLabel), 'a reaper destroyed what has a live owner');
  for (const item of [...instances, ...ledger.volumes]) {
    const seconds = overdueSeconds(item, findings.outages);
    note('overdue', seconds, `${labelOf(item)} existed for ${seconds} s too long after its deadline`);
  }
  note('memoryOverLimit', used.workerMiB - maxWorkerMiB, `a worker used ${used.workerMiB} MiB of memory`);
  note('diskOverLimit', used.runMiB - maxRunMiB, `a run takes ${used.runMiB} MiB of the run store`);
  noteEach('warnings', used.warnings, 'in the logs of the workers');
  noteEach('secretsFound', findings.secretsFound, 'secrets');
  noteEach('doubleCreates', coexisting(instances), 'resources with the same name at the same time');
  const left = leftBehind(ledger);
  if (left.length > 0) problems.push(`leaked: ${left.join(', ')}`);
  const outcomes: Record<string, number> = {};
  for (const outcome of runs.map(outcomeOf)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return { outcomes, leaked: ledger.left, ...figuresSoFar, problems };
}

/** Returns whether nothing leaked and every figure is zero. */
export function isClean(verdict: Omit<Verdict, 'problems' | 'outcomes'>): boolean {
  return Object.keys(deviationsOf(verdict)).length === 0;
}

/** Returns all figures that are not zero. `leaked` is the number of all resources that are left. */
export function deviationsOf(verdict: Omit<Verdict, 'problems' | 'outcomes'>): Readonly<Record<string, number>> {
  const leaked = Object.values(verdict.leaked).reduce((sum, count) => sum + count, 0);
  const all = [['leaked', leaked] as const, ...figures.map((name) => [name, verdict[name]] as const)];
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

type Note = (figure: keyof Figures, amount: number, problem: string) => void;
type Volumes = Ledger['volumes'];

/** With what the ledger has of one run, or of one lease. */
type FindingsOfOne = Findings & { readonly items: readonly BilledItem[]; readonly volumes: Volumes };

function judgeRun(run: RunRecord, found: FindingsOfOne, note: Note): void {
  const { runs, faults, outages, items, volumes } = found;
  const { id, kind } = run.plan;
  const repeated = startedAgain(run);
  note('doubleRuns', repeated.length, `${id}: started more than once: ${repeated.join(', ')}`);
  const lost = lostBytes(run);
  note('lostOutputBytes', lost, `${id}: ${lost} bytes that its command wrote are not stored`);
  const wrong = wrongOutcome(run, faults, items.length);
  note('wrongOutcomes', wrong === undefined ? 0 : 1, `${id} (${run.plan.hostile ?? kind}): ${wrong}`);
  const over = overCap(run, items, volumes, outages);
  note('overCap', over, `${id}: $${over.toFixed(4)} beyond its cap`);
  const files = wrongFiles(run);
  note('wrongFiles', files === undefined ? 0 : 1, `${id}: ${files}`);
  const instances = wrongInstances(run, items);
  note('wrongInstances', instances.length, `${id}: ${instances.join(', ')}`);
  const choice = wrongChoice(run, items, found.ledger.instances);
  note('wrongInstances', choice === undefined ? 0 : 1, `${id}: ${choice}`);
  const checkpoint = wrongCheckpoint(run, items);
  note('wrongCheckpoints', checkpoint === undefined ? 0 : 1, `${id}: ${checkpoint}`);
  const use = wrongUse(run, items.length, runs);
  note('wrongLeases', use === undefined ? 0 : 1, `${id}: ${use}`);
  const billed = billedOf(found);
  const unreported = unreportedDollars(run, billed, outages);
  note('unreported', unreported, `${id}: $${unreported.toFixed(4)} billed and not reported`);
  const figure = wrongFigure(run, billed, outages);
  note('wrongFigures', figure === undefined ? 0 : 1, `${id}: ${figure}`);
}

function judgeLease(lease: LeaseRecord, found: FindingsOfOne, note: Note): void {
  const { name, end: outcome = 'never ended', dollars, applied } = lease;
  const wrong = wrongLease(lease, offersFail(found.faults));
  note('wrongLeases', wrong === undefined ? 0 : 1, `the lease ${name}: ${wrong}`);
  // It is counted until its workflow closes, which is before its end if somebody terminated that.
  const reported = applied.has('terminate-owner') ? undefined : { outcome, dollars };
  const unreported = unreportedDollars({ reported, applied }, billedOf(found), found.outages);
  note('unreported', unreported, `the lease ${name}: $${unreported.toFixed(4)} billed and not reported`);
}

function billedOf({ items, volumes }: FindingsOfOne): readonly Billed[] {
  return [
    // The product cannot know of a duplicate that the vendor makes.
    ...items.filter((item) => !('duplicateOf' in item)),
    ...volumes.map((volume) => ({ ...volume, highestPricePerHour: volume.pricePerHour })),
  ];
}

function outcomeOf({ reported }: RunRecord): string {
  return reported?.outcome ?? 'never ended';
}

function labelOf({ vendor, name, id }: Bystander): string {
  return `${vendor} ${name} ${id}`;
}

function reapedLabel({ instanceName, key }: Reaped): string {
  return `${instanceName} (${key})`;
}

function leftBehind({ instances, keys, volumes, jobDeployments }: Ledger): readonly string[] {
  return [...instances, ...keys, ...volumes, ...jobDeployments]
    .filter(({ goneAt }) => goneAt === undefined)
    .map(labelOf);
}

/**
 * A run that was reset releases its earlier instances when a worker has it again, which may be late. A vendor may create a duplicate after the
 * owner has ended. No run notices that the owner of a lease was terminated.
 */
function mayBeReaped({ instanceName, key }: Reaped, { runs, leases, ledger }: Findings): boolean {
  const lease = leases.find(({ id }) => runOf({ name: id }) === runOf({ name: instanceName }));
  if (lease?.applied.has('terminate-owner')) return true;
  const run = runs.find(({ plan }) => runKey(plan.id) === runOf({ name: instanceName }));
  const reaped = ledger.instances.find(({ id }) => key.endsWith(`/${id}`));
  const original = ledger.instances.find(({ id }) => id === reaped?.duplicateOf);
  const late = original?.goneAt !== undefined && (reaped?.createdAt ?? '') > original.goneAt;
  return late || (run?.applied.has('reset') === true && run.reported?.outcome !== 'succeeded');
}

/** Time in which the reaper, or a worker, destroys what is past its deadline. */
const overdueToleranceSeconds = 40;

/** Returns the seconds that something existed beyond the deadline in its name, the tolerance, and outages without a reaper. */
function overdueSeconds(item: BilledItem | Volumes[number], outages: readonly Outage[]): number {
  const deadline = parseInstanceName(item.name)?.deadline ?? Number.POSITIVE_INFINITY;
  const end = item.goneAt === undefined ? Date.now() : Date.parse(item.goneAt);
  const out = secondsOut(
    [item],
    outages.filter(({ reaperRuns }) => !reaperRuns),
  );
  return Math.max(0, Math.round((end - deadline) / 1000) - overdueToleranceSeconds - Math.ceil(out));
}

/** Returns why the webhook was told something wrong about a run, or too little. */
function wrongNotice(run: RunRecord, told: readonly string[], expected: string | undefined): string | undefined {
  // A reset run may have ended before it was reset.
  if (run.applied.has('reset') || (expected === undefined && told.length === 0)) return undefined;
  if (told.some((type) => type !== expected)) return `the webhook was told ${told.join(', ')}, not ${expected}`;
  return told.length > 1 ? undefined : 'the webhook was not told again after it had refused a delivery';
}

/** A further attempt on the same instance begins after the end of the one before it. */
function startedAgain({ evidence, plan }: RunRecord): readonly string[] {
  const starts = grouped(evidence.starts, ({ step, instance }) => `${step} on ${instance}`);
  const { sameInstance = false } = furtherAttempts(plan) ?? {};
  return [...starts].flatMap(([where, times]) => {
    const ended = evidence.ends.filter(({ instance }) => instance === times[0]?.instance).length;
    const more = sameInstance && times[0]?.step === 'command' ? Math.min(plannedRepeats(plan), ended) : 0;
    return times.length > 1 + more ? [where] : [];
  });
}

/**
 * Returns the instance names under which a resource was created while another one existed. A replacement after deletion does not count, nor
 * does a duplicate that the vendor made.
 */
function coexisting(instances: readonly BilledItem[]): readonly string[] {
  const doubles: string[] = [];
  const created = instances.filter((item) => !('duplicateOf' in item));
  for (const [instanceName, same] of grouped(created, ({ name }) => name)) {
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
