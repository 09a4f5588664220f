import type { FaultRule, Vendor } from '@gpu-clouds/simulators';
import { type FaultClass, faultClasses } from './fault-classes.ts';
import { SeededRandom } from './seeded-random.ts';
import { vendorRules } from './vendor-rules.ts';

/** What a run's command does. Determines the outcome of the run when nothing interferes. */
export const jobKinds = ['success', 'exit-code', 'missing-output', 'setup-fails', 'cap-duration', 'cap-cost'] as const;
export type JobKind = (typeof jobKinds)[number];

/** What a job runs on: one instance, several instances of one offer, or a job deployment of Verda. */
export const shapes = ['instance', 'nodes', 'job-deployment'] as const;
export type Shape = (typeof shapes)[number];

/** An action on one run or its instance. */
export type Interference =
  | { readonly what: 'cancel' | 'terminate' | 'terminate-owner' | 'reset' | 'preempt' | 'ssh-drop' }
  /** @property seconds Duration. Default: forever. */
  | { readonly what: 'ssh-refuses'; readonly seconds?: number };

/** When an interference happens. Determined from the simulators' ledger and the evidence, not from the workflows. */
export type Moment = 'started' | 'rented' | 'running' | 'ended';

/** One run of a plan. */
export interface PlannedRun {
  readonly id: string;
  readonly kind: JobKind;
  readonly shape: Shape;
  readonly exitCode: number;
  readonly vendors: readonly [Vendor, ...Vendor[]];
  /** Number of lines that the command writes. */
  readonly lines: number;
  /** Pause between two lines. */
  readonly pauseMs: number;
  readonly setup: boolean;
  /** Disk size in GiB, which costs more than the instance. Default: the disk of the offer. */
  readonly storage?: number | undefined;
  /** Set search attributes. The server must have them registered. */
  readonly searchable?: boolean | undefined;
  readonly interferences: readonly (Interference & { readonly at: Moment; readonly delayMs: number })[];
}

/** A system fault to inject. */
export type Action =
  | { readonly what: 'worker-kill' | 'worker-deploy'; readonly worker: number; readonly awayMs: number }
  | { readonly what: 'server-kill'; readonly awayMs: number }
  | { readonly what: 'vendor'; readonly rules: readonly FaultRule[] };

/** When to inject a system fault. It depends on the number of started runs, not on the clock, so that a slow computer gets the same faults. */
export interface PlannedFault {
  readonly afterStarts: number;
  readonly delayMs: number;
  readonly action: Action;
}

/** All runs and system faults of one seed. */
export interface Plan {
  readonly runs: readonly PlannedRun[];
  readonly faults: readonly PlannedFault[];
}

export const workerCount = 2;
const vendors: readonly [Vendor, ...Vendor[]] = ['gpu-ai', 'massed-compute', 'tensordock', 'verda'];

/** Creates the plan of a seed. The same options give the same plan. */
export function makePlan(options: { runs: number; seed: number; faults: ReadonlySet<FaultClass> }): Plan {
  const random = new SeededRandom(options.seed);
  const runs = Array.from({ length: options.runs }, (_, index) => planRun(index, options.seed, random.fork(), options));
  // Faults are drawn for all classes and then filtered, so that disabling one class does not change the others.
  const faults = faultClasses
    .map((fault) => ({ fault, planned: planFaults(fault, options.runs, random.fork()) }))
    .flatMap(({ fault, planned }) => (options.faults.has(fault) ? planned : []))
    .sort((a, b) => a.afterStarts - b.afterStarts || a.delayMs - b.delayMs);
  return { runs, faults };
}

function planRun(
  index: number,
  seed: number,
  random: SeededRandom,
  { faults }: { faults: ReadonlySet<FaultClass> },
): PlannedRun {
  const { kind, shape } = planJob(index % 20, random);
  // Verda bills disks separately: a cap that ignores them is exceeded several times over.
  const largeDisk = kind === 'cap-cost' && index % 40 < 20;
  const first = random.int(0, vendors.length - 1);
  const [one, two] = [vendors[first] ?? 'verda', vendors[(first + random.int(1, 3)) % vendors.length] ?? 'verda'];
  const interferences = planInterferences(kind, random.fork()).filter(
    ({ what }) => faults.has(what) && (shape !== 'job-deployment' || !needsInstance.has(what)),
  );
  const waitsForUser = interferences.some(({ what, at }) => interrupts.has(what) && at !== 'ended');
  return {
    id: `s${seed}r${index}`,
    kind,
    shape,
    // A container returns an HTTP status, which only says whether it failed.
    exitCode: kind !== 'exit-code' ? 0 : shape === 'job-deployment' ? 1 : random.pick([1, 2, 3, 42, 127]),
    // Similar prices make a cost cap last a similar time.
    vendors:
      shape === 'job-deployment' || largeDisk
        ? ['verda']
        : random.chance(0.2) || kind === 'cap-cost'
          ? vendors
          : [one, two],
    lines: waitsForUser ? 60 : random.int(3, 12),
    pauseMs: waitsForUser ? 500 : random.int(50, 400),
    setup: kind === 'setup-fails' || random.chance(0.2),
    ...(largeDisk ? { storage: 10_000 } : {}),
    interferences,
  };
}

/** @param position Position among twenty runs. The long runs start first, so that nothing waits for them at the end. */
function planJob(position: number, random: SeededRandom): { readonly kind: JobKind; readonly shape: Shape } {
  const kind = random.pick(shortKinds);
  const plain = random.pick<JobKind>(['success', 'success', 'exit-code']);
  const inContainer = random.chance(0.3);
  if (position === 1) return { kind: 'cap-duration', shape: inContainer ? 'job-deployment' : 'instance' };
  if (position === 2) return { kind: 'cap-cost', shape: 'instance' };
  if (position === 3) return { kind: plain, shape: 'nodes' };
  if (position === 4) return { kind: plain, shape: 'job-deployment' };
  if (position === 5) return { kind: plain, shape: inContainer ? 'job-deployment' : 'nodes' };
  return { kind, shape: 'instance' };
}

const shortKinds: readonly [JobKind, ...JobKind[]] = [
  ...(['success', 'success', 'success', 'success'] as const),
  ...(['exit-code', 'missing-output', 'setup-fails'] as const),
];
/** Interferences that are impossible for job deployments, which have no SSH. */
const needsInstance: ReadonlySet<string> = new Set(['preempt', 'ssh-drop', 'ssh-refuses']);
const interrupts: ReadonlySet<string> = new Set(['cancel', 'terminate', 'terminate-owner']);

function planInterferences(kind: JobKind, random: SeededRandom) {
  const planned: PlannedRun['interferences'][number][] = [];
  const add = (interference: Interference, at: Moment) =>
    planned.push({ ...interference, at, delayMs: random.int(0, 2500) });
  // At most one interference that ends a run: the judge could not determine which of two came first.
  const ends = kind === 'success' ? random.next() : 1;
  const anywhere = random.pick<Moment>(['started', 'rented', 'rented', 'running', 'running', 'ended']);
  const onInstance = random.pick<Moment>(['rented', 'running']);
  if (ends < 0.12) add({ what: 'cancel' }, anywhere);
  else if (ends < 0.22) add({ what: 'terminate' }, anywhere);
  else if (ends < 0.26) add({ what: 'terminate-owner' }, onInstance);
  else if (ends < 0.3) add({ what: 'reset' }, anywhere);
  if (random.chance(0.12)) add({ what: 'preempt' }, random.pick<Moment>(['rented', 'running']));
  if (random.chance(0.15)) add({ what: 'ssh-drop' }, 'running');
  if (random.chance(0.1)) {
    const seconds = random.chance(0.25) ? {} : { seconds: random.int(2, 8) };
    add({ what: 'ssh-refuses', ...seconds }, random.pick<Moment>(['rented', 'running', 'ended']));
  }
  return planned;
}

/** Number of faults per 40 runs. */
const timesInForty: Partial<Record<FaultClass, number>> = {
  'worker-kill': 4,
  'worker-deploy': 2,
  'server-kill': 2,
  'vendor-errors': 8,
  'rate-limit': 4,
  latency: 4,
  'lost-response': 10,
  'list-lag': 6,
  'out-of-capacity': 4,
  'accepted-then-failed': 3,
  'never-boots': 2,
  'ssh-refuses': 2,
  'ssh-drop': 2,
  preempt: 2,
  'delete-fails': 4,
};

function planFaults(fault: FaultClass, runs: number, random: SeededRandom): readonly PlannedFault[] {
  const often = ((timesInForty[fault] ?? 0) * runs) / 40;
  const times = Math.floor(often) + (random.chance(often % 1) ? 1 : 0);
  return Array.from({ length: times }, () => ({
    afterStarts: random.int(1, runs),
    delayMs: random.int(0, 4000),
    action: planAction(fault, random),
  }));
}

function planAction(fault: FaultClass, random: SeededRandom): Action {
  const awayMs = random.int(0, 3000);
  if (fault === 'worker-kill' || fault === 'worker-deploy') {
    return { what: fault, worker: random.int(0, workerCount - 1), awayMs };
  }
  if (fault === 'server-kill') return { what: fault, awayMs };
  return { what: 'vendor', rules: vendorRules(fault, random.pick(vendors), random) };
}
