import {
  countConflict,
  GpuNameError,
  jobDeploymentVendors,
  maxGpuCount,
  parseGpu,
  vendors,
} from '@gpu-clouds/clouds/pure';
import { z } from 'zod';
import { defaultIdleBelow } from '../runs/idleness.ts';
import { inputIdPattern } from '../runs/stored-path.ts';
import { containerSchema, instanceContainerSchema } from './container-schema.ts';
import { durationPattern, durationSeconds, isTooLong, maxDuration } from './duration.ts';
import { webhookSchema } from './notify-schema.ts';
import { collision, type DownEntry } from './output-path.ts';
import { bucketPlace, isInHome, isUrl, placeIssue, sourceIssue } from './remote-file.ts';
import { variableName } from './variable-name.ts';

/** Accepts numbers too, because YAML reads `4090` as a number. */
const gpuName = z
  .union([z.string().min(1), z.number()])
  .transform(String)
  .superRefine((name, context) => {
    try {
      parseGpu(name);
    } catch (error) {
      if (!(error instanceof GpuNameError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

const duration = z
  .string()
  .regex(durationPattern, 'write a number and s, m, h, or d, for example 90s, 30m, or 2h')
  .refine((text) => !durationPattern.test(text) || durationSeconds(text) > 0, 'must be longer than 0')
  .refine((text) => !durationPattern.test(text) || !isTooLong(text), `must be at most ${maxDuration}`);

const insideOutputs = (path: string) => isUrl(path) || (!path.startsWith('/') && !path.split('/').includes('..'));

function checkDownTarget(to: string, context: z.RefinementCtx): void {
  const message = isUrl(to) ? placeIssue(to) : undefined;
  if (message !== undefined) context.addIssue({ code: 'custom', message });
}

interface UpEntry {
  readonly from?: string | undefined;
  readonly input?: string | undefined;
  readonly sha256?: string | undefined;
  readonly to: string;
}

/** Checks what concerns only files that the instance downloads itself. */
function checkUrlSource({ from = '', sha256, to }: UpEntry, context: z.RefinementCtx): void {
  const issue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
  const wrongSource = isUrl(from) ? sourceIssue(from) : undefined;
  if (wrongSource !== undefined) {
    issue('from', wrongSource);
    return;
  }
  const isHttps = isUrl(from) && bucketPlace(from) === undefined;
  if (isHttps && sha256 === undefined) {
    issue('sha256', 'is missing. Get it with: curl -L <from> | sha256sum');
  }
  if (!isHttps && sha256 !== undefined) issue('sha256', 'applies to https:// only; remove it');
  if (isUrl(from) && !isInHome(to))
    issue('to', "must be relative to the user's home, without a leading / and without ..");
}

function checkCollision(down: readonly DownEntry[], context: z.RefinementCtx): void {
  const [first, second] = collision(down) ?? [];
  if (first === undefined || second === undefined) return;
  const message = `conflicts with files.down[${first}]; give each entry a separate destination`;
  context.addIssue({ code: 'custom', path: [second, 'to'], message });
}

const filesFields = z.strictObject({
  up: z
    .array(
      z
        .strictObject({
          from: z
            .string()
            .min(1)
            .optional()
            .describe(
              'File or folder, relative to the job file and inside its folder. Or what the instance downloads: https://host/file with `sha256`, or s3://bucket/prefix for an object or all objects below it. The worker lists the bucket in GPU_CLOUDS_JOB_BUCKETS.',
            ),
          input: z
            .string()
            .regex(inputIdPattern, 'use the ID that "gpu-clouds upload" prints')
            .optional()
            .describe('In place of `from`: ID of files that "gpu-clouds upload" or uploadInputs() has stored.'),
          sha256: z
            .string()
            .regex(/^[0-9a-f]{64}$/, 'write 64 hexadecimal digits in lower case, as sha256sum prints them')
            .optional()
            .describe('SHA-256 of the file, required for https. A file with another one fails the job.'),
          to: z
            .string()
            .min(1)
            .describe(
              "Destination on the instance, relative to the user's home. For `input` and for objects below an s3:// prefix, a folder.",
            ),
        })
        .refine(
          ({ from, input }) => (from === undefined) !== (input === undefined),
          'set either from, a file or folder beside the job file or a URL, or input, the ID of uploaded files',
        )
        .superRefine(checkUrlSource),
    )
    .default([])
    .describe('Files to copy to each instance before setup.'),
  down: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe("File or folder on the instance, relative to the user's home."),
        to: z
          .string()
          .min(1)
          .refine(insideOutputs, "must stay inside the run's outputs folder, without a leading / and without ..")
          .superRefine(checkDownTarget)
          .describe(
            "Destination in the run's outputs folder. Or s3://bucket/prefix, to which the instance sends the files itself; {run} stands for the ID of the run. The worker lists the bucket in GPU_CLOUDS_JOB_BUCKETS.",
          ),
      }),
    )
    .superRefine(checkCollision)
    .default([])
    .describe(
      'Files to copy back after the command. With several nodes, they are copied from each node into node-0/, node-1/, ….',
    ),
});

/** Maximum number of instances that one job can use at the same time. */
export const maxNodes = 32;

/** Maximum number of times that a failed command is run again. */
export const maxFurtherAttempts = 20;

/** Reports a `count` that contradicts the count of a GPU. */
function checkCount(
  { gpu = [], count }: { readonly gpu?: string | string[] | undefined; readonly count?: number | undefined },
  context: z.RefinementCtx,
): void {
  const message = count === undefined ? undefined : countConflict([gpu].flat(), count);
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['count'], message });
}

const modeDescription =
  'Where the job runs: on rented instances, or in a container that the vendor starts for it (a serverless job deployment). Default: instance.';

const commonFields = {
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'use up to 40 lowercase letters, digits, and hyphens')
    .describe('Name of the job: up to 40 lowercase letters, digits, and hyphens.'),
  env: z
    .record(variableName, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe(
      'Environment variables. Their values are stored in the history of the run, so put credentials into `secrets`.',
    ),
  secrets: z
    .array(variableName)
    .default([])
    .describe(
      "Names of variables in the worker's environment to pass to setup and command. The worker's GPU_CLOUDS_JOB_SECRETS must list them. Their values are never stored.",
    ),
  // Without a default: a job without it stays as workers of earlier releases know it.
  notify: z
    .array(webhookSchema)
    .min(1)
    .max(5)
    .optional()
    .describe('Webhooks to notify once the run has ended and its instances are gone. Default: none.'),
};

const commonResources = {
  gpu: z
    .union([gpuName, z.array(gpuName).min(1)])
    .optional()
    .describe(
      'A GPU or a list of alternatives, each with an optional count: "H100", "H100:8", "A100-80GB", "4090". Default: any GPU.',
    ),
  count: z
    .int()
    .min(1)
    .max(maxGpuCount)
    .optional()
    .describe(
      'Exact number of GPUs per instance, for entries of `gpu` without their own count. On a lease, how many of its GPUs the job gets. Default: 1; on a lease, all.',
    ),
  minGpuMemory: z.number().positive().optional().describe('Minimum memory of one GPU in GiB.'),
};

const minVcpus = z.int().positive().optional().describe('Minimum number of virtual CPUs of the instance.');
const minMemory = z.number().positive().optional().describe('Minimum main memory in GiB.');
const vendorNames = z.array(z.enum(vendors)).min(1).optional();
const regionNames = z.array(z.string().min(1)).min(1).optional();
const spot = z.enum(['allow', 'only', 'never']);

const alternative = z
  .strictObject({
    ...commonResources,
    minVcpus,
    minMemory,
    regions: regionNames.describe('Regions, or prefixes of their names.'),
    vendors: vendorNames.describe('Vendors to choose from.'),
    notVendors: vendorNames.describe('Vendors to leave out.'),
    spot: spot.optional().describe('Whether to rent spot instances.'),
    maxPricePerHour: z
      .number()
      .positive()
      .optional()
      .describe(
        'Maximum price per hour of an instance of this alternative, in US dollars. limits.maxPricePerHour applies too.',
      ),
  })
  .superRefine(checkCount);

const commonLimits = {
  maxDuration: duration
    .default('24h')
    .describe(
      'Maximum time from the first create call, including booting: 90s, 30m, 2h, 1d. At most 365d, as all durations. Default: 24h.',
    ),
  maxCost: z
    .number()
    .positive()
    .optional()
    .describe('Maximum cost of all instances of the run together, in US dollars. Default: no limit.'),
  maxPricePerHour: z
    .number()
    .positive()
    .optional()
    .describe(
      'Maximum price per hour for each instance with all its GPUs, in US dollars. A job with 4 nodes may cost 4 times this. Default: no limit.',
    ),
};

const commonRetry = {
  onNoOffer: duration
    .optional()
    .describe(
      "How long the job waits until a cloud has an offer that fits, or the fleet's budget has room: 30m, 12h, 2d. The wait does not count to maxDuration. Default: not at all.",
    ),
};

const resourcesDescription = 'What to rent. The cheapest offer that matches is tried first.';
const filesDescription = 'What to copy to the instance before the setup, and from it after the command.';
const retryDescription = 'When to wait, or to try again, instead of failing.';
const limitsDescription = 'What ends the run, and what it may cost.';

const instanceJobFields = z.strictObject({
  ...commonFields,
  mode: z.literal('instance').optional().default('instance').describe(modeDescription),
  resources: z
    .strictObject({
      ...commonResources,
      nodes: z
        .int()
        .min(1)
        .max(maxNodes)
        .default(1)
        .describe(
          'Number of instances, all of one offer: same vendor, region, GPUs, and price. The job gets all of them or none. Setup and command run on all at the same time. Default: 1.',
        ),
      vendors: vendorNames.describe('Vendors to choose from. Default: all that the worker has credentials for.'),
      notVendors: vendorNames.describe('Vendors to leave out. Default: none.'),
      regions: regionNames.describe('Regions, or prefixes of their names. Default: all.'),
      minVcpus,
      minMemory,
      anyOf: z
        .array(alternative)
        .min(1)
        .max(16)
        .optional()
        .describe('Alternatives. What one of them omits is taken from the fields beside `anyOf`.'),
      prefer: z
        .enum(['order', 'price'])
        .optional()
        .describe(
          'With `anyOf`: try all offers of an earlier alternative first, or the cheapest offers of any. Default: order.',
        ),
      spot: spot
        .default('never')
        .describe('Whether to rent spot instances, which the vendor may take back while the job runs. Default: never.'),
      image: z.string().min(1).optional().describe("The vendor's name of an image. Default: one with a CUDA driver."),
      storage: z.number().positive().optional().describe('Size of the disk in GiB.'),
    })
    .superRefine(checkCount)
    .default({ nodes: 1, spot: 'never' })
    .describe(resourcesDescription),
  container: instanceContainerSchema.optional(),
  setup: z
    .string()
    .min(1)
    .optional()
    .describe('Shell script that prepares the instance. If a line fails, the job fails.'),
  command: z.string().min(1).describe('Shell script to run. Its exit code is the exit code of the job.'),
  // Without a default, as `notify`.
  tty: z
    .boolean()
    .optional()
    .describe(
      'Whether `command` has a terminal (pseudo-TTY), for programs that behave differently without one. Nobody can type into it. Default: false.',
    ),
  files: filesFields.default({ up: [], down: [] }).describe(filesDescription),
  checkpoint: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .describe(
          "Folder on the instance, relative to the user's home. It is copied while the command may be writing to it.",
        ),
      every: duration.default('10m').describe('Time between two copies: 90s, 10m, 1h. Default: 10m.'),
    })
    .optional()
    .describe(
      'A folder that is saved while the command runs, and restored before the command on the next instance if one is lost. With several nodes, it is saved from the first and restored to all.',
    ),
  retry: z
    .strictObject({
      ...commonRetry,
      onPreemption: z
        .int()
        .min(0)
        .max(100)
        .default(3)
        .describe(
          'How many times the job starts again on another spot instance after a preemption. After that, it uses on-demand instances if `resources.spot` is `allow`, and fails if it is `only`. Default: 3.',
        ),
      onFailure: z
        .strictObject({
          attempts: z
            .int()
            .min(1)
            .max(maxFurtherAttempts)
            .describe('How many times the command is run again. All attempts together count to the limits of the job.'),
          exitCodes: z
            .array(z.int().min(1).max(255))
            .min(1)
            .optional()
            .describe('Exit codes after which the command is run again. Default: all but 0.'),
          sameInstance: z
            .boolean()
            .default(true)
            .describe(
              'Whether to run it again on the same instance, where all files are as the failed attempt left them. `false` rents another one, with the latest checkpoint. Default: true.',
            ),
        })
        .optional()
        .describe(
          'Runs the command again after it failed, but not after a stop or `limits.maxCommand`. Each attempt has its own output. `files.down` are copied after the last one. Default: not at all.',
        ),
    })
    .default({ onPreemption: 3 })
    .describe(retryDescription),
  limits: z
    .strictObject({
      ...commonLimits,
      maxSetup: duration
        .optional()
        .describe('Maximum time for `setup` on each instance: 10m. Default: only maxDuration applies.'),
      maxStop: duration
        .default('2m')
        .describe('How long the command may take to end after a stop, before it is killed. Default: 2m.'),
      maxCommand: duration
        .optional()
        .describe(
          'Maximum time for `command`. After it, the command is stopped and the job fails. Default: only maxDuration applies.',
        ),
      idleGpu: z
        .strictObject({
          below: z
            .number()
            .positive()
            .max(100)
            .default(defaultIdleBelow)
            .describe('Utilization in percent below which a GPU counts as idle. Default: 5.'),
          for: duration.describe('How long all GPUs of a node must be idle without a break: 20m.'),
          // biome-ignore lint/suspicious/noThenProperty: the word reads well in a job file, and it is never a function.
          then: z
            .enum(['warn', 'stop'])
            .describe('`warn` flags the run in its status. `stop` stops the command, and the job fails.'),
        })
        .optional()
        .describe('What to do if all GPUs of a node are idle while the command runs. Default: nothing.'),
      maxOutputs: z
        .number()
        .positive()
        .default(10)
        .describe(
          'Maximum size of all files of `files.down` together, in GiB. With several nodes, each has an equal share. Default: 10.',
        ),
      maxOutput: z
        .number()
        .positive()
        .default(1)
        .describe(
          'Maximum stored output of each node in each attempt, in GiB. Beyond it, the output ends with a line that says so, and the command continues. Default: 1.',
        ),
    })
    .default({ maxDuration: '24h', maxStop: '2m', maxOutputs: 10, maxOutput: 1 })
    .describe(limitsDescription),
});

const deploymentJobFields = z.strictObject({
  ...commonFields,
  mode: z.literal('job-deployment').describe(modeDescription),
  container: containerSchema,
  resources: z
    .strictObject({
      ...commonResources,
      vendors: z
        .array(z.enum(jobDeploymentVendors))
        .min(1)
        .optional()
        .describe(
          'Vendors to choose from. Default: all that have job deployments and that the worker has credentials for.',
        ),
      nodes: z.literal(1).default(1).describe('A job deployment has one container.'),
      spot: z.literal('never').default('never').describe('A job deployment has no spot instances.'),
    })
    .superRefine(checkCount)
    .default({ nodes: 1, spot: 'never' })
    .describe(resourcesDescription),
  retry: z.strictObject(commonRetry).default({}).describe(retryDescription),
  limits: z.strictObject(commonLimits).default({ maxDuration: '24h' }).describe(limitsDescription),
});

/** The schemas of the two modes, for messages. */
export const jobFieldsOf = { instance: instanceJobFields, 'job-deployment': deploymentJobFields } as const;

/** Schema of a job file. Its descriptions are part of the published JSON Schema. */
export const jobFileSchema = z
  .discriminatedUnion('mode', [instanceJobFields, deploymentJobFields])
  .describe('A gpu-clouds job: what to rent, what to run on it, and how much it may cost.');

/** Uploaded files must be in the folder of the job file. */
const placedJobFields = instanceJobFields.extend({
  files: filesFields.extend({ folder: z.string().optional() }).default({ up: [], down: [] }),
});

/** Schema of a job as `parseJob` returns it. */
export const jobSchema = z.discriminatedUnion('mode', [placedJobFields, deploymentJobFields]);

/** A checked job that runs on rented instances. */
export interface InstanceJob extends z.output<typeof placedJobFields> {}
/** The files of a checked job. */
export type JobFiles = InstanceJob['files'];
/** A checked job that runs in a container that the vendor starts for it. */
export interface DeploymentJob extends z.output<typeof deploymentJobFields> {}
/** A checked job with defaults filled in. Plain JSON. `mode` says which of the two it is. */
export type Job = InstanceJob | DeploymentJob;
/** The content of a job file, before defaults are filled in. */
export type JobInput = z.input<typeof jobFileSchema>;
