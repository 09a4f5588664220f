import { GpuNameError, maxGpuCount, parseGpu, vendors } from '@gpu-clouds/clouds/pure';
import { z } from 'zod';
import { containerSchema } from './container-schema.ts';
import { durationPattern, durationSeconds } from './duration.ts';

/** A number too, since YAML reads `4090` as one. */
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

const variableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'a variable is named with letters, digits and underscores, not starting with a digit',
  );

const duration = z
  .string()
  .regex(durationPattern, 'write a number and s, m, h or d, for instance 90s, 30m or 2h')
  .refine((text) => !durationPattern.test(text) || durationSeconds(text) > 0, 'must be longer than nothing');

const insideOutputs = (path: string) => !path.startsWith('/') && !path.split('/').includes('..');

const filesFields = z.strictObject({
  up: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe('File or folder, relative to the job file, in its folder.'),
        to: z.string().min(1).describe("Its place on the instance, relative to the user's home."),
      }),
    )
    .default([])
    .describe('What to copy to each instance before setup.'),
  down: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe("File or folder on the instance, relative to the user's home."),
        to: z
          .string()
          .min(1)
          .refine(insideOutputs, "must stay inside the run's outputs folder: no leading / and no ..")
          .describe("Its place in the run's outputs folder."),
      }),
    )
    .default([])
    .describe('What to copy back after the command; with several nodes from each, into node-0/, node-1/, ….'),
});

/** Instances that one job can be on at a time. */
export const maxNodes = 32;

/** The fields of a job file, each by itself. */
export const jobFileFields = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'use up to 40 lower-case letters, digits and hyphens')
    .describe('What people call it: up to 40 lower-case letters, digits and hyphens.'),
  mode: z
    .enum(['instance', 'job-deployment'])
    .default('instance')
    .describe(
      'What it runs on: an instance that is rented for it, or a container that Verda starts for it (its serverless jobs).',
    ),
  resources: z
    .strictObject({
      gpu: z
        .union([gpuName, z.array(gpuName).min(1)])
        .optional()
        .describe(
          'A GPU, or several to choose from, each with its count where more than one is wanted: "H100", "H100:8", "8x H100", "A100 80GB", "4090". Any GPU when left out.',
        ),
      count: z
        .int()
        .min(1)
        .max(maxGpuCount)
        .optional()
        .describe('GPUs in the instance, exactly, where `gpu` carries no count of its own. 1 when left out.'),
      nodes: z
        .int()
        .min(1)
        .max(maxNodes)
        .default(1)
        .describe(
          'Instances, all of one offer: the same cloud, region, GPUs and price. The job gets all of them or none; setup and command run on each at once.',
        ),
      vendors: z
        .array(z.enum(vendors))
        .min(1)
        .optional()
        .describe('Clouds to choose from. All that the worker has credentials for when left out.'),
      regions: z.array(z.string().min(1)).min(1).optional().describe('Regions, or what their names start with.'),
      minGpuMemory: z.number().positive().optional().describe('GiB of memory of one GPU.'),
      minMemory: z.number().positive().optional().describe('GiB of main memory.'),
      spot: z
        .enum(['allow', 'only', 'never'])
        .default('never')
        .describe('Instances that the cloud may take back while the job runs.'),
      image: z
        .string()
        .min(1)
        .optional()
        .describe("The cloud's own name of an image. One with a CUDA driver when left out."),
      storage: z.number().positive().optional().describe('GiB of disk.'),
    })
    .default({ nodes: 1, spot: 'never' }),
  setup: z
    .string()
    .min(1)
    .optional()
    .describe('Shell script that prepares the instance. Ends the job when a line of it fails.'),
  command: z
    .string()
    .default('')
    .describe(
      'Shell script that is the job. Its exit code is the exit code of the job. Needed on an instance; a job deployment has `container` instead.',
    ),
  container: containerSchema.optional(),
  env: z
    .record(variableName, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe('Environment variables. Their values are kept in the history of the run: put credentials in `secrets`.'),
  secrets: z
    .array(variableName)
    .default([])
    .describe(
      "Names of variables of the worker's environment that the commands get, of those that its GPU_CLOUDS_JOB_SECRETS lists. Their values are never stored.",
    ),
  files: filesFields.default({ up: [], down: [] }),
  checkpoint: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .describe("Folder on the instance, relative to the user's home. It is copied while the command writes in it."),
      every: duration.default('10m').describe('Between two copies: 90s, 10m, 1h.'),
    })
    .optional()
    .describe(
      'A folder that is saved while the command runs, and put on the next instance after one was lost, before its command. Of several nodes the first one saves, and all get it.',
    ),
  retry: z
    .strictObject({
      onPreemption: z
        .int()
        .min(0)
        .max(100)
        .default(3)
        .describe(
          'How often the job begins again on a spot instance after it lost one. After that: on-demand instances where `resources.spot` is `allow`; the job fails where it is `only`.',
        ),
    })
    .default({ onPreemption: 3 }),
  limits: z
    .strictObject({
      maxDuration: duration.default('24h').describe('From the first instance on, booting included: 90s, 30m, 2h, 1d.'),
      maxSetup: duration
        .optional()
        .describe('For `setup`, on each instance: 10m. Bounded by maxDuration alone when left out.'),
      maxStop: duration
        .default('2m')
        .describe('How long the command may take to end after it was asked to stop; then it is killed.'),
      maxCommand: duration
        .optional()
        .describe(
          'For `command`; then it is asked to end as by a stop, and the job fails. Bounded by maxDuration alone when left out.',
        ),
      maxCost: z.number().positive().optional().describe('US dollars for all instances of the run together.'),
      maxPricePerHour: z
        .number()
        .positive()
        .optional()
        .describe('US dollars an hour for each whole instance: a job of 4 nodes may cost 4 times this.'),
    })
    .default({ maxDuration: '24h', maxStop: '2m' }),
});

/** What a job file says, and the folder that it lies in: what is uploaded has to be in there. */
export const jobFields = jobFileFields.extend({
  files: filesFields.extend({ folder: z.string().optional() }).default({ up: [], down: [] }),
});

/** A checked job, defaults filled in. Plain JSON. */
export type Job = z.output<typeof jobFields>;
/** What a job file may hold. */
export type JobInput = z.input<typeof jobFileFields>;
