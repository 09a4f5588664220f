import type { FaultRule, Vendor } from '@gpu-clouds/simulators';
import { type FaultClass, faultClasses } from './fault-classes.ts';
import { SeededRandom } from './seeded-random.ts';
import { vendorRules } from './vendor-rules.ts';

/** What a run's command does, and with it how the run has to end when nobody interferes. */
export const jobKinds = ['success', 'exit-code', 'missing-output', 'setup-fails', 'cap-duration', 'cap-cost'] as const;
export type JobKind = (typeof jobKinds)[number];

/** What a run's job runs on: one instance, several of one offer, or a container of Verda's job deployments. */
export const shapes = ['instance', 'nodes', 'job-deployment'] as const;
export type Shape = (typeof shapes)[number];

/** What somebody does to one run or its instance. */
export type Interference =
  | { readonly what: 'cancel' | 'terminate' | 'terminate-owner' | 'reset' | 'preempt' | 'ssh-drop' }
  /** @property seconds For good when left out. */
  | { readonly what: 'ssh-refuses'; readonly seconds?: number };

/** Told by the simulators' ledger and by what the command wrote; never by the workflows. */
export type Moment = 'started' | 'rented' | 'running' | 'ended';

export interface PlannedRun {
  readonly id: string;
  readonly kind: JobKind;
  readonly shape: Shape;
  readonly exitCode: number;
  readonly vendors: readonly [Vendor, ...Vendor[]];
  /** Lines that the command writes, and the pause between two of them. */
  readonly lines: number;
  readonly pauseMs: number;
  readonly setup: boolean;
  /** GiB of disk that it orders, which then costs more than the instance. Left out, what the offer comes with. */
  readonly storage?: number;
  /** Told to Temporal's search, which the server has been prepared for. */
  readonly searchable?: boolean;
  readonly interferences: readonly (Interference & { readonly at: Moment; readonly delayMs: number })[];
}

export type Action =
  | { readonly what: 'worker-kill' | 'worker-deploy'; readonly worker: number; readonly awayMs: number }
  | { readonly what: 'server-kill'; readonly awayMs: number }
  | { readonly what: 'vendor'; readonly rules: readonly FaultRule[] };

/** A fault of the whole system. Tied to how many runs have begun and not to the clock, so that a slow machine gets the same ones. */
export interface PlannedFault {
  readonly afterStarts: number;
  readonly delayMs: number;
  readonly action: Action;
}

export interface Plan {
  readonly runs: readonly PlannedRun[];
  readonly faults: readonly PlannedFault[];
}

export const workerCount = 2;
const vendors: readonly [Vendor, ...Vendor[]] = ['gpu-ai', 'massed-compute', 'tensordock', 'verda'];

/** Everything that is left to chance, from the seed alone. */
export function makePlan(options: { runs: number; seed: number; faults: ReadonlySet<FaultClass> }): Plan {
  const random = new SeededRandom(options.seed);
  const runs = Array.from({ length: options.runs }, (_, index) => planRun(index, options.seed, random.fork(), options));
  // Drawn for all and then left out: what is switched off does not shift the others.
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
  // Verda bills disks apart from their instances: a cap that leaves them out is exceeded several times over.
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
    // A container answers with a status of HTTP, which tells no more than that it failed.
    exitCode: kind !== 'exit-code' ? 0 : shape === 'job-deployment' ? 1 : random.pick([1, 2, 3, 42, 127]),
    // A cost cap is about the same time at any price only where prices are alike.
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

/** @param place Among twenty runs. The long ones come first: nobody waits for them at the end. */
function planJob(place: number, random: SeededRandom): { readonly kind: JobKind; readonly shape: Shape } {
  const kind = random.pick(shortKinds);
  const plain = random.pick<JobKind>(['success', 'success', 'exit-code']);
  const inContainer = random.chance(0.3);
  if (place === 1) return { kind: 'cap-duration', shape: inContainer ? 'job-deployment' : 'instance' };
  if (place === 2) return { kind: 'cap-cost', shape: 'instance' };
  if (place === 3) return { kind: plain, shape: 'nodes' };
  if (place === 4) return { kind: plain, shape: 'job-deployment' };
  if (place === 5) return { kind: plain, shape: inContainer ? 'job-deployment' : 'nodes' };
  return { kind, shape: 'instance' };
}

const shortKinds: readonly [JobKind, ...JobKind[]] = [
  ...(['success', 'success', 'success', 'success'] as const),
  ...(['exit-code', 'missing-output', 'setup-fails'] as const),
];
/** What cannot be done to a container that nobody logs in to. */
const needsInstance: ReadonlySet<string> = new Set(['preempt', 'ssh-drop', 'ssh-refuses']);
const interrupts: ReadonlySet<string> = new Set(['cancel', 'terminate', 'terminate-owner']);

function planInterferences(kind: JobKind, random: SeededRandom) {
  const planned: PlannedRun['interferences'][number][] = [];
  const add = (interference: Interference, at: Moment) =>
    planned.push({ ...interference, at, delayMs: random.int(0, 2500) });
  // Of the things that end a run, one at most: which of two came first could not be told.
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

/** How many times each happens in 40 runs. */
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
