import type { ScheduleOverlap } from '@gpu-clouds/jobs';
import { type Vendor, vendors } from '@gpu-clouds/simulators';
import type { Action, FileTrouble, Moment, RunAction } from './faults/fault.ts';
import { type FaultClass, faultClasses, faults } from './faults/index.ts';
import { runKey } from './run-key.ts';
import { SeededRandom } from './seeded-random.ts';

/** What a run's command does. Determines the outcome of the run when nothing interferes. */
export const jobKinds = [
  'success',
  'exit-code',
  'missing-output',
  'setup-fails',
  'cap-duration',
  'cap-cost',
  'idle-gpu',
  'idle-warned',
  'resumes',
] as const;
export type JobKind = (typeof jobKinds)[number];

/** Exit codes of commands of the kind `exit-code`. */
export const failingCodes = [1, 2, 3, 42, 127] as const;

/** What a job runs on: one instance, several instances of one offer, or a job deployment of Verda. */
export const shapes = ['instance', 'nodes', 'job-deployment'] as const;
export type Shape = (typeof shapes)[number];

/** What some runs have that changes no correct outcome: fields of the job file, or how the run is started. */
export const features = [
  'alternatives',
  'waits-for-offer',
  'runs-again',
  'container',
  'idle-limit',
  'notifies',
  'files-from-elsewhere',
  'scheduled',
  'on-lease',
  'excludes-vendors',
  'private-image',
  'same-instance',
  'notifies-slack',
  'example',
  'notifies-failures-only',
  'checkpoint',
  'other-exit-codes',
  'prefers-price',
] as const;
export type Feature = (typeof features)[number];

/** Something that happens to one run, or to its instance. */
export interface Interference {
  readonly what: FaultClass;
  readonly action: RunAction;
  readonly at: Moment;
  readonly delayMs: number;
}

/** What the instance of a run must have at least, and the regions that it may be in, as the ledger names them. */
export interface Constraints {
  readonly minVcpus?: number | undefined;
  readonly minMemory?: number | undefined;
  readonly minGpuMemory?: number | undefined;
  readonly regions?: readonly string[] | undefined;
}

/** The cheapest offer of each cloud violates at least one of them, and each cloud has offers that meet all. */
const strictest: Required<Constraints> = {
  minVcpus: 14,
  minMemory: 64,
  minGpuMemory: 40,
  regions: ['us-west', 'us-east-1', 'Canada', 'United States', 'FIN-03'],
};

/** How the schedule of a run is set. */
export interface PlannedSchedule {
  readonly overlap: ScheduleOverlap;
  readonly timezone: string;
  readonly jitterSeconds: number;
  readonly catchUpSeconds: number;
  /** Whether it starts the run by itself, at a time of its time zone, and not on request. */
  readonly atItsTime: boolean;
}

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
  readonly interferences: readonly Interference[];
  /** A fault that the job itself causes. */
  readonly hostile?: FaultClass | undefined;
  /** Default: none. */
  readonly features?: readonly Feature[] | undefined;
  /** Default: none, or no files from elsewhere. */
  readonly fileTrouble?: FileTrouble | undefined;
  /** GPUs that it wants of a lease. Default: one. */
  readonly gpus?: number | undefined;
  /** Default: none. */
  readonly constraints?: Constraints | undefined;
  /** Default: the defaults of the product. */
  readonly schedule?: PlannedSchedule | undefined;
}

/** Whether a run has a feature. */
export function hasFeature({ features }: Pick<PlannedRun, 'features'>, feature: Feature): boolean {
  return features?.includes(feature) === true;
}

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
  /** Milliseconds after the last run within which something may still happen. Default: 0. */
  readonly lateMs?: number | undefined;
}

/** Creates the plan of a seed. The same options give the same plan. */
export function makePlan(options: { runs: number; seed: number; faults: ReadonlySet<FaultClass> }): Plan {
  const random = new SeededRandom(options.seed);
  const runs = Array.from({ length: options.runs }, (_, index) => planRun(index, options.seed, random.fork(), options));
  // Faults are drawn for all classes and then filtered, so that disabling one class does not change the others.
  const planned = faultClasses
    .map((fault) => ({ fault, planned: planFaults(fault, options.runs, random.fork()) }))
    .flatMap(({ fault, planned }) => (options.faults.has(fault) ? planned : []))
    .sort((a, b) => a.afterStarts - b.afterStarts || a.delayMs - b.delayMs);
  return { runs: withCollidingIds(runs), faults: planned };
}

/** Gives every second run of the fault class `colliding-ids` the hash of the id before it as its id. */
export function withCollidingIds(runs: readonly PlannedRun[]): readonly PlannedRun[] {
  let before: string | undefined;
  return runs.map((run, index) => {
    const victim = runs[index + 1]?.hostile === 'colliding-ids' && before === undefined;
    const id = before === undefined ? (victim ? `${run.id}-x` : run.id) : runKey(before);
    before = victim ? id : undefined;
    return { ...run, id };
  });
}

function planRun(
  index: number,
  seed: number,
  random: SeededRandom,
  { faults: enabled }: { faults: ReadonlySet<FaultClass> },
): PlannedRun {
  const { kind, shape, always = [] } = planJob(index, random);
  // Verda bills disks separately: a cap that ignores them is exceeded several times over.
  const largeDisk = kind === 'cap-cost' && index % 40 < 20;
  const first = random.int(0, vendors.length - 1);
  const second = (first + random.int(1, vendors.length - 1)) % vendors.length;
  const [one, two] = [vendors[first] ?? vendors[0], vendors[second] ?? vendors[0]];
  const interferences = planInterferences(kind, random.fork()).filter(
    ({ what, action }) => enabled.has(what) && (shape !== 'job-deployment' || action.do !== 'instance-fault'),
  );
  const waits = interferences.some(({ at }) => at !== 'ended');
  const planned = planHostile(random.fork());
  const hostile =
    kind === 'success' && shape === 'instance' && planned !== undefined && enabled.has(planned) ? planned : undefined;
  const drawn = planFeatures(random.fork(), enabled);
  return {
    id: `s${seed}r${index}`,
    kind,
    shape,
    // A container returns an HTTP status, which only says whether it failed.
    exitCode: kind !== 'exit-code' ? 0 : shape === 'job-deployment' ? 1 : random.pick(failingCodes),
    // Similar prices make a cost cap last a similar time.
    vendors:
      shape === 'job-deployment' || largeDisk
        ? ['verda']
        : random.chance(0.2) || kind === 'cap-cost'
          ? vendors
          : [one, two],
    lines: waits ? 30 : random.int(3, 12),
    pauseMs: waits ? 500 : random.int(50, 400),
    setup: kind === 'setup-fails' || random.chance(0.2),
    ...(largeDisk ? { storage: 10_000 } : {}),
    interferences,
    hostile,
    // A hostile job depends on what surrounds it, and a cap on the cost on the offer.
    ...(shape === 'instance' && hostile === undefined && kind !== 'cap-cost' ? fitted(kind, drawn, always) : {}),
    ...(shape === 'nodes' ? { features: drawn.features?.filter((feature) => feature === 'checkpoint') } : {}),
  };
}

/** A command in a container does not decide what the GPUs of its instance seem to do. */
const notWithIdleGpus: ReadonlySet<Feature> = new Set(['container', 'private-image', 'idle-limit']);

function fitted(kind: JobKind, drawn: PlannedFeatures, always: readonly Feature[]): PlannedFeatures {
  // It takes long enough as it is.
  if (kind === 'idle-warned') return {};
  if (kind === 'idle-gpu') {
    return { ...drawn, features: drawn.features?.filter((feature) => !notWithIdleGpus.has(feature)) };
  }
  if (always.length === 0) return drawn;
  const chosen = drawn.features?.filter((feature) => !alwaysChosen.has(feature)) ?? [];
  return { ...drawn, features: [...chosen, ...always], constraints: undefined };
}

/** What jobs that always have some features do not draw. */
const alwaysChosen: ReadonlySet<Feature> = new Set<Feature>([
  'on-lease',
  'alternatives',
  'prefers-price',
  'checkpoint',
  'runs-again',
  'same-instance',
  'other-exit-codes',
]);

/** A lease is what another job could run on, so a job on one does without what is about the choice of an instance. */
const notOnLease: ReadonlySet<Feature> = new Set(['scheduled', 'excludes-vendors']);

type PlannedFeatures = Pick<PlannedRun, 'features' | 'fileTrouble' | 'gpus' | 'constraints' | 'schedule'>;

function planFeatures(random: SeededRandom, enabled: ReadonlySet<FaultClass>): PlannedFeatures {
  const drawn = features.filter(() => random.chance(0.25));
  const [trouble, gpus] = [random.pick(faults['file-server'].files ?? [undefined]), random.int(1, leasedGpus)];
  const hasTrouble = random.chance(0.7) && enabled.has('file-server') && drawn.includes('files-from-elsewhere');
  const onLease = drawn.includes('on-lease');
  const constraints = planConstraints(random.fork());
  const schedule = planSchedule(random.fork());
  return {
    features: onLease ? drawn.filter((feature) => !notOnLease.has(feature)) : drawn,
    fileTrouble: hasTrouble ? trouble : undefined,
    gpus: onLease ? gpus : undefined,
    constraints: onLease ? undefined : constraints,
    schedule: !onLease && drawn.includes('scheduled') ? schedule : undefined,
  };
}

function planSchedule(random: SeededRandom): PlannedSchedule {
  return {
    overlap: random.pick<ScheduleOverlap>(['skip', 'skip', 'buffer-one', 'allow-all', 'cancel-other']),
    timezone: random.pick(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/New_York']),
    jitterSeconds: random.pick([0, 2, 5]),
    // Temporal may be away for some minutes.
    catchUpSeconds: random.pick([900, 3600]),
    atItsTime: random.chance(0.3),
  };
}

function planConstraints(random: SeededRandom): Constraints | undefined {
  const has = random.chance(0.4);
  const [vcpus, memory, gpuMemory, region] = [0, 1, 2, 3].map(() => random.chance(0.4));
  if (!has) return undefined;
  const { minVcpus, minMemory, minGpuMemory, regions } = strictest;
  return {
    minVcpus: vcpus ? minVcpus : undefined,
    minMemory: memory ? minMemory : undefined,
    minGpuMemory: gpuMemory ? minGpuMemory : undefined,
    regions: region ? regions : undefined,
  };
}

/** GPUs of each lease: two runs at the same time, or one after the other. */
export const leasedGpus = 2;

interface PlannedJob {
  readonly kind: JobKind;
  readonly shape: Shape;
  /** Features that it has in any case. */
  readonly always?: readonly Feature[] | undefined;
}

const listsCode: readonly Feature[] = ['runs-again', 'same-instance'];
const listsOthers: readonly Feature[] = [...listsCode, 'other-exit-codes'];
const byOrder: readonly Feature[] = ['alternatives'];
const byPrice: readonly Feature[] = [...byOrder, 'prefers-price'];

/** Of twenty runs, the long ones start first, so that nothing waits for them at the end. */
function planJob(index: number, random: SeededRandom): PlannedJob {
  const position = index % 20;
  const isSecond = index % 40 >= 20;
  const kind = random.pick(shortKinds);
  const plain = random.pick<JobKind>(['success', 'success', 'exit-code']);
  const inContainer = random.chance(0.3);
  if (position === 1) return { kind: 'cap-duration', shape: inContainer ? 'job-deployment' : 'instance' };
  if (position === 2) return { kind: 'cap-cost', shape: 'instance' };
  if (position === 3) return { kind: plain, shape: 'nodes' };
  if (position === 4) return { kind: plain, shape: 'job-deployment' };
  if (position === 6) return { kind: 'idle-gpu', shape: 'instance' };
  if (position === 7 && !isSecond) return { kind: 'idle-warned', shape: 'instance' };
  if (position === 8) return { kind: 'resumes', shape: 'instance', always: ['checkpoint'] };
  if (position === 9) return { kind: 'exit-code', shape: 'instance', always: isSecond ? listsCode : listsOthers };
  if (position === 10) return { kind: 'exit-code', shape: 'instance', always: isSecond ? byPrice : byOrder };
  if (position === 5) return { kind: plain, shape: inContainer ? 'job-deployment' : 'nodes' };
  return { kind, shape: 'instance' };
}

const shortKinds: readonly [JobKind, ...JobKind[]] = [
  ...(['success', 'success', 'success', 'success'] as const),
  ...(['exit-code', 'missing-output', 'setup-fails'] as const),
];

function planInterferences(kind: JobKind, random: SeededRandom): readonly Interference[] {
  const end = kind === 'success' ? random.next() : 1;
  let shares = 0;
  return faultClasses.flatMap((what) => {
    const { run } = faults[what];
    const drawn = random.fork();
    if (run === undefined) return [];
    const planned = { what, action: run.draw(drawn), at: drawn.pick(run.at), delayMs: drawn.int(0, 2500) };
    if (run.endsRun === undefined) return drawn.chance(run.share) ? [planned] : [];
    const from = shares;
    shares += run.share;
    return end >= from && end < shares ? [planned] : [];
  });
}

/** A job causes at most one fault. */
function planHostile(random: SeededRandom): FaultClass | undefined {
  const drawn = random.next();
  let shares = 0;
  return faultClasses.find((what) => {
    shares += faults[what].job?.share ?? 0;
    return drawn < shares;
  });
}

function planFaults(fault: FaultClass, runs: number, random: SeededRandom): readonly PlannedFault[] {
  const { system } = faults[fault];
  if (system === undefined) return [];
  const often = (system.inForty * runs) / 40;
  const times = Math.floor(often) + (random.chance(often % 1) ? 1 : 0);
  return Array.from({ length: times }, () => ({
    afterStarts: random.int(1, runs),
    delayMs: random.int(0, 4000),
    action: system.draw(random, random.pick(vendors)),
  }));
}
