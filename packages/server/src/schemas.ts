import { vendors } from '@gpu-clouds/clouds/pure';
// Not from the index: `pnpm generate` loads this module, and a client of Temporal would double its time.
import { type FailureKind, failurePolicies, type JobPhase, jobPhases } from '@gpu-clouds/jobs/kinds';
import { z } from '@hono/zod-openapi';

const dollars = z.number().describe('US dollars.');
const pricePerHour = z.number().describe('US dollars per hour for the whole instance.');
const seconds = z.number().describe('Seconds.');
const time = z.iso.datetime().describe('Time in UTC.');
const count = z.int().min(0);
const vendor = z.enum(vendors);
const phase = z.enum(jobPhases satisfies readonly JobPhase[]);
const outcome = z.enum(['succeeded', 'failed', 'stopped', 'cancelled']);
const kinds = Object.keys(failurePolicies).filter((kind): kind is FailureKind => kind in failurePolicies);

export const apiError = z
  .object({ message: z.string().describe('What failed, why, and the next step.') })
  .openapi('Error');

/** What a token may do: `admin` everything, `read` only read, `run` see and stop the runs with its name as their tag `owner`. */
export const scopes = ['admin', 'read', 'run'] as const;

export const access = z
  .object({
    fleet: z.string(),
    scope: z.enum(scopes).describe('What the token may do.'),
    name: z.string().describe('Name of the token.'),
    temporalUrl: z.string().optional().describe("Address of the runs in Temporal's web interface, without the ID."),
  })
  .openapi('Access');

export const offer = z
  .object({
    vendor,
    region: z.string(),
    gpu: z.string(),
    gpuCount: z.int(),
    gpuMemory: z.number().describe('GiB of one GPU.'),
    vcpus: z.number().optional(),
    memory: z.number().optional().describe('GiB.'),
    storage: z.number().optional().describe('GiB of disk that the price includes.'),
    pricePerHour,
    spot: z.boolean(),
    available: z.number().optional().describe('Instances left, if the vendor says so.'),
  })
  .openapi('Offer');

export const offers = z
  .object({
    offers: z.array(offer).readonly().describe('Cheapest first.'),
    matching: count.describe('Offers that match, also those beyond the limit.'),
    notes: z.array(z.string()).readonly().describe('Clouds that are left out, and why.'),
  })
  .openapi('Offers');

const rented = z.object({
  vendor,
  region: z.string(),
  gpu: z.string(),
  gpuCount: z.int(),
  spot: z.boolean(),
});

const wait = z.object({
  reason: z.enum(['no-offer', 'budget', 'lease']),
  since: time,
  until: time,
  message: z.string(),
  place: z.number().int().optional(),
});

const summary = {
  id: z.string(),
  name: z.string().describe("The job's name."),
  state: z.union([phase, outcome]).describe('The phase, or the outcome once the run has ended.'),
  ended: z.boolean(),
  message: z.string().optional().describe('Why it failed or was cancelled.'),
  waiting: wait.optional(),
  nodes: z.int(),
  instance: rented.optional().describe('The current instance, or the last one.'),
  pricePerHour: pricePerHour.describe('US dollars per hour of all instances that exist now.'),
  cost: dollars,
  maxCost: dollars
    .optional()
    .describe('The cap in US dollars: `maxCost`, or what `maxDuration` costs at the highest price, if that is less.'),
  elapsedSeconds: seconds,
  startedAt: time,
  exitCode: z.int().optional(),
  tags: z.record(z.string(), z.string()).readonly(),
  batch: z.string().optional().describe('ID of the batch that it is an item of.'),
  schedule: z.string().optional().describe('Name of the schedule that started it.'),
};

export const runSummary = z.object(summary).openapi('RunSummary');
export const runs = z
  .object({
    runs: z.array(runSummary).readonly().describe('Newest first.'),
    more: z
      .boolean()
      .describe(
        'Whether more may match: beyond the limit, or older ones. The newest 10,000 runs are searched, and the state of the newest 1,000 with the tags.',
      ),
  })
  .openapi('Runs');

/** As `InstanceAlarms` of jobs. */
const alarms = {
  teardownStuckSince: time.optional().describe('When a teardown began that has taken longer than ten minutes.'),
  accountSuspectSince: time.optional().describe('Since when all instances of the account seem to have vanished.'),
};

const runInstance = rented.extend({
  instanceName: z.string(),
  node: count,
  pricePerHour,
  cost: dollars,
  since: time.describe('The create call.'),
  until: time.optional().describe('When it was gone. Absent while it exists.'),
  ssh: z.string().optional().describe('User, host, and port.'),
  ...alarms,
});

const failure = z
  .object({
    at: time,
    vendor,
    kind: z.enum(kinds),
    message: z.string(),
    offer: rented.extend({ pricePerHour }).optional().describe('Absent if the whole cloud failed.'),
  })
  .openapi('Failure');

export const startSteps = ['capacity', 'boot', 'ssh', 'setup'] as const;

export const run = z
  .object({
    ...summary,
    maxDuration: z.string().describe('The cap of the time, such as `24h`.'),
    phaseSince: time,
    phases: z.array(z.object({ phase, seconds, dollars })).readonly().describe('All phases so far, in order.'),
    timeToStart: z
      .array(z.object({ step: z.enum(startSteps), seconds }))
      .readonly()
      .describe('Seconds until the command began, by who should look: capacity of the clouds, boot, SSH, and setup.'),
    failures: z.array(failure).readonly().describe('Each offer that failed, and why.'),
    instances: z.array(runInstance).readonly(),
    attempts: z
      .array(z.object({ attempt: z.int(), since: time, until: time.optional(), exitCode: z.int().optional() }))
      .readonly(),
    idleDollars: dollars.optional().describe('US dollars of the time in which all GPUs of a node were idle.'),
    setupExitCode: z.int().optional(),
    stopRequestedAt: time.optional(),
    restoredFrom: time.optional().describe('When the checkpoint was saved that the command started from.'),
  })
  .openapi('Run');

export const gpus = z
  .object({
    nodes: z
      .array(
        z.object({
          node: count,
          at: z.array(time).readonly(),
          gpus: z
            .array(
              z.object({
                utilization: z.array(z.number().nullable()).readonly().describe('Percent.'),
                memory: z.array(z.number().nullable()).readonly().describe('Percent of the memory.'),
              }),
            )
            .readonly(),
        }),
      )
      .readonly(),
  })
  .openapi('GpuSamples');

export const artifacts = z
  .object({ artifacts: z.array(z.object({ path: z.string(), size: count.describe('Bytes.') })).readonly() })
  .openapi('Artifacts');

export const instances = z
  .object({
    pricePerHour,
    instances: z
      .array(
        z.object({
          owner: z.object({ what: z.enum(['run', 'lease']), id: z.string(), name: z.string() }),
          instanceName: z.string(),
          vendor: vendor.optional(),
          gpus: z.string().optional(),
          region: z.string().optional(),
          state: z.string(),
          since: time,
          pricePerHour: pricePerHour.optional(),
          cost: dollars.optional(),
          mustEndBy: time.optional(),
          ...alarms,
        }),
      )
      .readonly(),
  })
  .openapi('Instances');

export const leases = z
  .object({
    leases: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          state: z.string(),
          message: z.string().optional(),
          vendor: vendor.optional(),
          gpus: z.string().optional(),
          pricePerHour: pricePerHour.optional(),
          startedAt: time,
          mustEndBy: time.optional(),
          endedAt: time.optional(),
          ...alarms,
        }),
      )
      .readonly(),
  })
  .openapi('Leases');

const batchSummary = z.object({
  id: z.string(),
  name: z.string().describe("The job's name."),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'terminated']),
  startedAt: time,
  endedAt: time.optional(),
});
const batchProgress = z.object({
  total: count,
  running: count,
  done: count.describe('Items that have ended, with any outcome.'),
  failed: count,
  dollars: dollars.describe('US dollars of the items that have ended.'),
});

export const batches = z
  .object({
    batches: z
      .array(
        batchSummary.extend({
          progress: batchProgress.optional().describe('Absent if the batch has no result yet and no worker answers.'),
        }),
      )
      .readonly()
      .describe('Newest first.'),
    more: z.boolean().describe('Whether more match.'),
  })
  .openapi('Batches');

/** `waiting` items have not started yet, and `skipped` ones never will. */
export const itemStates = ['running', 'waiting', ...outcome.options, 'skipped'] as const;

export const batch = batchSummary
  .extend({
    progress: batchProgress,
    items: z
      .array(
        z.object({
          index: count,
          id: z.string().describe('ID of its run.'),
          state: z.enum(itemStates),
          variables: z.record(z.string(), z.string()).readonly().describe('Variables that the item sets.'),
          exitCode: z.int().optional(),
          dollars: dollars.optional().describe('US dollars. Absent until the item has ended.'),
          message: z.string().optional(),
        }),
      )
      .readonly(),
    matching: count.describe('Items that match, also those beyond the limit.'),
  })
  .openapi('Batch');

export const groupings = ['day', 'vendor', 'gpu', 'run', 'tag'] as const;
export const cost = z
  .object({
    since: time,
    by: z.enum(groupings),
    groups: z.array(z.object({ name: z.string(), runs: count, dollars })).readonly(),
    total: dollars,
    tags: z.array(z.string()).readonly().describe('The tags that the runs have.'),
  })
  .openapi('Cost');

export const budget = z
  .object({
    accounts: z
      .array(
        z.object({
          account: z.string(),
          limit: z.object({ dollars, per: z.enum(['day', 'month']) }),
          until: time.describe('When the period ends.'),
          spent: dollars,
          reserved: dollars,
          left: dollars,
          waiting: count.describe('Requests that wait for room.'),
        }),
      )
      .readonly()
      .describe('Empty if there is no budget.'),
  })
  .openapi('Budget');

const resource = z.object({
  vendor,
  what: z.enum(['instance', 'key', 'volume', 'job-deployment']),
  id: z.string(),
  instanceName: z.string(),
  why: z.string(),
  pricePerHour: z.number().optional(),
  since: time.optional(),
});
export const reaper = z
  .object({
    scheduled: z.boolean().describe('Whether the fleet has a reaper.'),
    paused: z.boolean(),
    dryRun: z.boolean(),
    everySeconds: seconds.optional(),
    nextRun: time.optional(),
    lastRun: z
      .object({
        endedAt: time,
        destroyed: z.array(resource).readonly(),
        waiting: z.array(resource).readonly().describe('Orphans in their grace period.'),
        alarms: z.array(resource).readonly().describe('Kept, and need attention.'),
        kept: count.describe('Instances that have an owner.'),
        failures: z.array(z.object({ vendor, message: z.string() })).readonly(),
      })
      .optional(),
  })
  .openapi('Reaper');

const payload = z.object({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() });
export const payloads = z
  .object({ payloads: z.array(payload).max(1000) })
  .describe("Temporal's payloads, with metadata and data in Base64.")
  .openapi('Payloads');
