import { z } from 'zod';
import { variableName } from './variable-name.ts';

const urlPath = (example: string) =>
  z
    .string()
    .regex(/^\/[^\s{}#\\]*$/, `use a path that begins with /, for example ${example}`)
    // It would lead to another job deployment, with the key of the account.
    .refine((path) => !/\/(\.|%2e){1,2}(\/|\?|$)/i.test(path.replace(/%2f/gi, '/')), 'use a path without . and ..');

/** Schema of the container of a job deployment. */
export const containerSchema = z
  .strictObject({
    image: z
      .string()
      .regex(/^[^\s@:]+(:\d+\/[^\s@:]+)?(@sha256:[0-9a-f]{64}|:(?!latest$)[\w.-]+)$/, {
        error: 'add a tag or digest, such as ghcr.io/me/job:1.0; Verda refuses the tag latest',
      })
      .describe('Image with its tag or digest, such as ghcr.io/me/job:1.0. Verda refuses the tag latest.'),
    port: z.int().min(1).max(65_535).describe('Port that the container listens on.'),
    health: urlPath('/health')
      .default('/health')
      .describe('Path that answers 200 once the container is ready for the job.'),
    path: urlPath('/job?steps=10').describe('Path, with an optional query, that the job is sent to as a POST request.'),
    payload: z
      .unknown()
      .optional()
      .describe(
        'JSON body of the POST request. Default: {}. It is stored in the history of the run, so put credentials into `secrets`.',
      ),
    entrypoint: z.array(z.string()).min(1).optional().describe("Replaces the image's entrypoint."),
    args: z.array(z.string()).min(1).optional().describe("Replaces the image's command."),
    registryCredentials: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the credentials for a private image, as created in Verda's console."),
  })
  .describe(
    'The container of a job deployment. It answers the POST request with its result and then exits, so that Verda knows that the job is done.',
  );

/** The container of a job with `mode: job-deployment`, with defaults filled in. */
export type JobContainer = z.output<typeof containerSchema>;

/** The grammar of https://pkg.go.dev/github.com/distribution/reference, without which a reference could be an option of the runtime. */
const imageReference =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** Schema of the container that setup and command of a job on instances run in. */
export const instanceContainerSchema = z
  .strictObject({
    image: z
      .string()
      .max(512)
      .regex(imageReference, 'write an image reference, such as nvcr.io/nvidia/pytorch:25.10-py3')
      .describe(
        'Image, with its registry and tag or digest. Without a registry, it comes from Docker Hub. It must have sh.',
      ),
    registryAuth: variableName
      .optional()
      .describe(
        "Name of a variable in the worker's environment with user:password for the image's registry. The worker's GPU_CLOUDS_JOB_SECRETS must list it. Setup and command do not get it.",
      ),
  })
  .describe(
    "Runs setup and command in a container of this image, with all GPUs and the user's home. Docker or Podman is installed if the instance has neither.",
  );

/** The container of a job on instances. */
export type InstanceContainer = z.output<typeof instanceContainerSchema>;
