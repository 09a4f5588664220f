import { type Offer, vendors } from '@gpu-clouds/clouds';
import {
  type BatchItemResult,
  failurePolicies,
  type InstanceAlarms,
  type JobFailure,
  type JobInstance,
  type JobResult,
  type JobStatus,
  type JobTransfer,
  type JobWait,
  jobPhases,
  type LeaseSummary,
  type SentFiles,
} from '@gpu-clouds/jobs';
import { z } from 'zod';
import type { LeaseWithCost } from '../src/leases.ts';
import { commandOf } from './leaf-commands.ts';

/** One schema for each field, also for the optional ones, so that a new field of a type does not compile without its schema. */
type FieldsOf<Type> = Readonly<Record<keyof Type, z.ZodType>>;

const dollars = z.number().describe('US dollars');
const seconds = z.number().min(0).describe('Seconds');
const time = z.iso.datetime().describe('Time in UTC');
const count = z.int().min(0);
const vendor = z.enum(vendors);
const outcome = z.enum(['succeeded', 'failed', 'stopped', 'cancelled']);
const phase = z.enum(jobPhases);
const exitCode = z.int().min(0).max(255);
const kind = z.string().describe(`Why it failed: ${Object.keys(failurePolicies).join(', ')}`);
const tags = z.record(z.string(), z.string());

const growth = z.strictObject({ max: z.number(), pricePerHour: dollars }).optional();
const offer = z
  .strictObject({
    vendor,
    id: z.string(),
    gpu: z.string(),
    gpuCount: z.int().min(1),
    gpuMemory: z.number().describe('GiB of one GPU'),
    vcpus: z.number().optional(),
    memory: z.number().optional().describe('GiB'),
    storage: z.number().optional().describe('GiB included in the price'),
    growth: z.strictObject({ vcpus: growth, memory: growth, storage: growth }).optional(),
    region: z.string(),
    pricePerHour: dollars.describe('US dollars per hour for the whole instance'),
    spot: z.boolean(),
    available: z.number().optional(),
    native: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .describe("The cloud's own identifiers"),
  } satisfies FieldsOf<Offer>)
  .meta({ id: 'Offer' });

const earlierPrices = z.array(z.strictObject({ until: time, pricePerHour: dollars }));
const address = z.strictObject({ host: z.string(), port: z.int(), user: z.string() });
const alarms = {
  teardownStuckSince: time.optional(),
  accountSuspectSince: time.optional(),
} satisfies FieldsOf<InstanceAlarms>;
const instance = z
  .strictObject({
    instanceName: z.string(),
    node: count,
    offer,
    instanceId: z.string().optional().describe("The cloud's ID"),
    ssh: address.optional(),
    pricePerHour: dollars,
    earlierPrices: earlierPrices.optional(),
    since: time.describe('The create call'),
    runningSince: time.optional().describe('When the cloud first reported that it is running'),
    ...alarms,
    until: time.optional().describe('Absent while it exists'),
  } satisfies FieldsOf<JobInstance>)
  .meta({ id: 'Instance' });
const failure = z
  .strictObject({ vendor, offer: offer.optional(), kind, message: z.string(), at: time } satisfies FieldsOf<JobFailure>)
  .meta({ id: 'Failure', description: 'A failure that did not end the run' });
const attempts = z
  .array(
    z.strictObject({ attempt: z.int().min(1), since: time, until: time.optional(), exitCode: exitCode.optional() }),
  )
  .optional()
  .describe('Attempts of the command, if the job has retry.onFailure');
const phases = z.array(z.strictObject({ phase, seconds, dollars }));

const idleDollars = dollars.describe('US dollars of the time in which all GPUs of a node were idle');
const reading = z.strictObject({
  utilization: z.number().optional().describe('Percent'),
  memoryUsed: z.number().optional().describe('MiB'),
  memoryTotal: z.number().optional().describe('MiB'),
  temperature: z.number().optional().describe('°C'),
});
const gpu = z.strictObject({
  node: count,
  gpu: count.describe('Index on its node'),
  samples: count,
  latestAt: time,
  latest: reading,
  meanUtilization: z.number().optional().describe('Percent'),
  maxMemoryUsed: z.number().optional().describe('MiB'),
});

const gpuIndexes = z.array(count).describe('Indexes, in the order of nvidia-smi');
const usedLease = z
  .strictObject({ id: z.string(), name: z.string(), gpus: gpuIndexes.optional() })
  .describe('The lease that the run uses, which pays. Absent if it rents instances');

const statusFields = {
  id: z.string(),
  name: z.string(),
  nodes: z.int().min(1),
  phase,
  startedAt: time,
  phaseSince: time,
  outcome: outcome.optional().describe('Present once the phase is finished'),
  message: z.string().optional(),
  elapsedSeconds: seconds,
  costSoFar: dollars,
  instances: z.array(instance).describe('All that the run has rented'),
  activeInstances: z.array(instance).describe('Those that exist now, and bill'),
  current: instance.optional(),
  failures: z.array(failure),
  lease: usedLease.optional(),
  waiting: z
    .strictObject({
      reason: z.enum(['no-offer', 'budget', 'lease']),
      since: time,
      until: time,
      message: z.string(),
      place: z.int().min(1).optional().describe('Place in the queue of the lease'),
    } satisfies FieldsOf<JobWait>)
    .optional()
    .describe('What the run waits for'),
  transfer: z
    .strictObject({
      files: count,
      totalFiles: count,
      bytes: count,
      totalBytes: count.optional(),
    } satisfies FieldsOf<JobTransfer>)
    .optional()
    .describe('Present while the instances download or send files themselves'),
  stopRequestedAt: time.optional(),
  restoredFrom: time.optional(),
  setupExitCode: exitCode.optional(),
  exitCode: exitCode.optional(),
  attempts,
  phases: phases.optional().describe('Those that have ended'),
  idleGpus: z
    .strictObject({ node: count, instanceName: z.string(), since: time })
    .optional()
    .describe('The latest node whose GPUs were idle for as long as limits.idleGpu allows'),
  idleDollars: idleDollars.optional(),
} satisfies FieldsOf<JobStatus>;
const status = z.strictObject(statusFields).meta({ id: 'RunStatus' });

const leaseFields = {
  id: z.string(),
  name: z.string(),
  replaces: z.string().optional().describe('Name of the failed lease whose place this one took in `up`'),
  fleet: z.string(),
  state: z.enum([
    'creating',
    'booting',
    'ready',
    'destroying',
    'running',
    'released',
    'cap-reached',
    'idle',
    'failed',
    'cancelled',
    'terminated',
  ]),
  message: z.string().optional(),
  vendor: vendor.optional(),
  gpus: z.string().optional(),
  pricePerHour: dollars.optional(),
  earlierPrices: earlierPrices.optional(),
  runs: z
    .array(z.strictObject({ run: z.string(), gpus: gpuIndexes.optional() }))
    .optional()
    .describe('Runs that use the lease. Those without GPUs wait'),
  idleSeconds: z.number().optional().describe('Seconds without use after which the lease is released'),
  idle: z
    .strictObject({ since: time, releasedAt: time })
    .optional()
    .describe('Present shortly before the lease is released because nobody uses it'),
  ...alarms,
  startedAt: time,
  mustEndBy: time.optional(),
  endedAt: time.optional(),
  neverExisted: z.literal(true).optional().describe('The create was refused, so it cost nothing'),
} satisfies FieldsOf<LeaseSummary>;
const lease = z
  .strictObject({
    ...leaseFields,
    cost: dollars.optional().describe('US dollars until now, or until it ended. Absent if its price is unknown'),
  } satisfies FieldsOf<LeaseWithCost>)
  .meta({ id: 'Lease' });
const connection = z.strictObject({
  ...address.shape,
  hostKey: z.string(),
  hostPublicKey: z.string(),
  keyName: z.string(),
  secretId: z.string().optional(),
});

const item = z.strictObject({
  index: count,
  id: z.string(),
  outcome: z.enum([...outcome.options, 'skipped']),
  exitCode: exitCode.optional(),
  dollars,
  kind: kind.optional(),
  message: z.string().optional(),
} satisfies FieldsOf<BatchItemResult>);
const batchState = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'terminated']);
const batchStatus = z.strictObject({
  id: z.string(),
  state: batchState,
  total: count,
  running: count,
  done: count,
  failed: count,
  dollars,
});

const resource = {
  key: z.string(),
  vendor,
  what: z.enum(['instance', 'key', 'volume', 'job-deployment']),
  id: z.string(),
  instanceName: z.string(),
  pricePerHour: dollars.optional(),
};
const orphan = z.strictObject({ ...resource, why: z.enum(['unowned', 'over-cap', 'overdue']), since: time });
const alarm = z.strictObject({ ...resource, why: z.enum(['owner-not-found', 'overdue-in-unknown-fleet']) });
const reapReport = z
  .strictObject({
    destroyed: z.array(orphan),
    waiting: z.array(orphan),
    alarms: z.array(alarm),
    wanted: z.array(z.string()),
    failures: z.array(z.strictObject({ vendor, message: z.string() })),
    orphansSince: z.record(z.string(), time),
  })
  .meta({ id: 'ReapReport' });
const reaperStatus = z.strictObject({
  scheduleId: z.string(),
  paused: z.boolean(),
  everySeconds: seconds,
  graceMs: z.number().optional(),
  dryRun: z.boolean(),
  nextRun: time.optional(),
  lastRun: z.strictObject({ workflowId: z.string(), endedAt: time, report: reapReport }).optional(),
});
const reaperChange = (name: string) => z.strictObject({ scheduleId: z.string(), [name]: z.literal(true) });

const schedule = z.strictObject({
  name: z.string(),
  job: z.string(),
  fleet: z.string(),
  cron: z.string(),
  timezone: z.string(),
  overlap: z.enum(['skip', 'buffer-one', 'allow-all', 'cancel-other']),
  paused: z.boolean(),
  note: z.string().optional(),
  nextRun: time.optional(),
  running: z.array(z.string()).describe('IDs of the runs that have not ended'),
  lastRun: z.string().optional(),
  started: count,
  skipped: count,
  missed: count,
});
const tokenScope = z.enum(['read', 'run']);
const scheduleChange = (name: string) => z.strictObject({ name: z.string(), [name]: z.literal(true) });

const budgetLimit = z.strictObject({ dollars: z.number(), per: z.enum(['day', 'month']) });
const budget = z.array(
  z.strictObject({
    account: z.string(),
    limit: budgetLimit,
    until: time.describe('When the current period ends'),
    spent: dollars,
    reserved: dollars,
    left: dollars,
    waiting: z.int().min(0).describe('Number of requests that wait for room'),
  }),
);

const started = z.strictObject({ id: z.string() }).describe('With --detach');

/** What each command prints with `--json`: one value, or one value per line where it says so. */
export const outputSchemas = {
  offers: z.array(offer),
  run: z.union([
    z.strictObject({
      id: z.string(),
      outcome,
      exitCode,
      exitCodes: z.array(exitCode).describe('Of each node'),
      attempts,
      setupExitCode: exitCode.optional(),
      offer,
      lease: usedLease.optional(),
      failures: z.array(failure),
      outputs: z.array(z.string()),
      sent: z
        .array(z.strictObject({ to: z.string(), files: count, bytes: count } satisfies FieldsOf<SentFiles>))
        .optional()
        .describe('What the instances sent to S3'),
      phases,
      dollars,
      idleDollars: idleDollars.optional(),
      outputsFolder: z.string(),
    } satisfies FieldsOf<JobResult & { readonly outputsFolder: string }>),
    started,
    z
      .strictObject({
        job: z.record(z.string(), z.unknown()).describe('The job with its defaults filled in'),
        candidates: z.array(offer).optional(),
        pricePerHour: dollars.optional(),
        cap: dollars.optional(),
      })
      .describe('With --dry-run'),
    z
      .strictObject({
        job: z.record(z.string(), z.unknown()),
        lease: z.strictObject({ id: z.string(), name: z.string(), offer, gpus: z.int().min(1) }),
      })
      .describe('With --dry-run and --on'),
  ]),
  ps: z.array(z.strictObject({ ...statusFields, tags, batch: z.string().optional(), schedule: z.string().optional() })),
  show: z.union([
    z.strictObject({
      run: z.strictObject({
        ...statusFields,
        limits: z.record(z.string(), z.union([z.string(), z.number(), z.record(z.string(), z.unknown())])),
        gpus: z.array(gpu).optional().describe('What the samples of each GPU say. Absent without samples'),
      }),
    }),
    z.strictObject({ lease }),
  ]),
  logs: z
    .strictObject({ id: z.string(), node: count, attempt: z.int().min(1), output: z.string() })
    .describe('One value per line'),
  outputs: z.strictObject({ path: z.string(), size: count }).describe('One value per line'),
  stop: status,
  cancel: status,
  wait: status,
  upload: z.strictObject({ id: z.string() }),
  'batch run': z.union([
    z.strictObject({ id: z.string(), outcome: z.enum(['succeeded', 'failed']), items: z.array(item), dollars }),
    started,
  ]),
  'batch list': z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      fleet: z.string(),
      state: batchState,
      startedAt: time,
      endedAt: time.optional(),
    }),
  ),
  'batch status': batchStatus,
  'batch results': z.strictObject({ ...item.shape, env: tags.optional() }).describe('One value per line'),
  'batch drain': z.strictObject({ id: z.string(), draining: z.literal(true) }),
  'batch cancel': z.union([batchStatus, z.strictObject({ id: z.string(), cancelled: z.literal('requested') })]),
  'schedule add': schedule,
  'schedule list': z.array(schedule),
  'schedule run': z.strictObject({ id: z.string() }),
  'schedule pause': scheduleChange('pause'),
  'schedule resume': scheduleChange('resume'),
  'schedule remove': scheduleChange('remove'),
  up: z.union([
    z.strictObject({ ...leaseFields, connection, ssh: z.string() }),
    z.strictObject({ name: z.string(), id: z.string() }).describe('With --detach'),
  ]),
  ls: z.array(lease),
  extend: z.strictObject({ name: z.string(), id: z.string(), mustEndBy: time }),
  down: z.strictObject({ name: z.string(), id: z.string(), released: z.literal(true), gone: z.boolean() }),
  ssh: z.strictObject({ name: z.string(), ssh: z.string(), configFile: z.string() }),
  'ssh-config': z.strictObject({ hosts: z.array(z.string()), config: z.string() }),
  'budget show': budget,
  'budget set': z.strictObject({ account: z.string(), limit: budgetLimit }),
  dashboard: z.strictObject({
    url: z.string(),
    dashboardUrl: z.string().describe('With a token that may do everything, on a loopback address'),
  }),
  'tokens add': z.strictObject({ name: z.string(), scope: tokenScope, token: z.string() }),
  'tokens list': z.array(z.strictObject({ name: z.string(), scope: tokenScope, createdAt: time })),
  'tokens remove': z.strictObject({ name: z.string(), removed: z.literal(true) }),
  'budget off': z.strictObject({ account: z.string(), limit: z.null() }),
  cost: z.strictObject({
    since: time,
    by: z.enum(['day', 'vendor', 'gpu', 'run', 'tag']),
    groups: z.array(z.strictObject({ name: z.string(), runs: count, dollars })),
    total: dollars,
    budget,
    accounts: z.array(
      z.strictObject({
        vendor,
        balance: dollars.optional(),
        spent: dollars
          .optional()
          .describe('US dollars that the cloud counted, or by which the balance fell, for the whole account'),
        since: time.optional().describe('Start of the time of spent and counted. A balance may have been seen later'),
        counted: dollars.describe('US dollars that gpu-clouds counted'),
        difference: dollars.optional(),
        message: z.string().optional(),
      }),
    ),
  }),
  reap: reapReport,
  'reaper start': reaperStatus,
  'reaper status': reaperStatus,
  'reaper run': reapReport,
  'reaper pause': reaperChange('pause'),
  'reaper resume': reaperChange('resume'),
  'reaper remove': reaperChange('remove'),
  worker: z.strictObject({
    ready: z.literal(true),
    pid: z.int(),
    fleet: z.string(),
    clouds: z.array(vendor),
    metricsUrl: z.string().optional(),
    healthUrl: z.string().optional(),
  }),
  dev: z.strictObject({
    env: z.record(z.string(), z.string()),
    simulators: z.record(z.string(), z.string()),
    uiUrl: z.string().optional(),
    dashboardUrl: z.string().optional().describe('With a token that may do everything'),
    settingsFile: z.string(),
  }),
  init: z.strictObject({ written: z.array(z.string()), kept: z.array(z.string()) }),
  doctor: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['ok', 'warning', 'problem']),
      message: z.string(),
      fix: z.string().optional(),
    }),
  ),
  config: z.array(z.strictObject({ name: z.string(), value: z.string(), from: z.string() })),
} as const;

/** One of the forms that a command may print. */
interface OutputForm {
  /** The name of the command, and for each of several forms the fields that it has. */
  readonly name: string;
  readonly schema: z.ZodType;
}

function formsOf(command: string): readonly OutputForm[] {
  const [, schema] = Object.entries(outputSchemas).find(([known]) => known === command) ?? [];
  if (schema === undefined) throw new Error(`There is no schema for the output of "${command}".`);
  if (!(schema instanceof z.ZodUnion)) return [{ name: command, schema }];
  return schema.options.map((option) => ({
    name: `${command}: ${Object.keys(option.shape).join(', ')}`,
    schema: option,
  }));
}

/** Returns the names of all forms of all commands, as {@link checkOutput} does of those that it has seen. */
export function outputForms(): readonly string[] {
  return Object.keys(outputSchemas).flatMap((command) => formsOf(command).map(({ name }) => name));
}

/**
 * Checks lines of output against the schema of the command that printed them.
 * @param argv The arguments, which begin with the name of the command.
 * @returns the names of the forms that the lines have; an empty list shows none
 * @throws {Error} when a line does not fit
 */
export function checkOutput(argv: readonly string[], lines: readonly string[]): readonly string[] {
  const command = commandOf(argv) ?? '';
  const forms = formsOf(command);
  return lines.flatMap((line) => {
    const value: unknown = JSON.parse(line);
    z.parse(z.union(forms.map(({ schema }) => schema)), value);
    if (Array.isArray(value) && value.length === 0) return [];
    return forms.flatMap(({ name, schema }) => (schema.safeParse(value).success ? [name] : []));
  });
}

/** Returns all schemas as one JSON Schema with a property for each command. */
export function publishedSchema(): object {
  const description = 'What each command of gpu-clouds prints with --json. Later versions may add fields.';
  return z.toJSONSchema(z.strictObject(outputSchemas).describe(description));
}
