import { z } from 'zod';

const urlPath = (example: string) =>
  z
    .string()
    .regex(/^\/[^\s{}#\\]*$/, `use a path that begins with /, for example ${example}`)
    // It would lead to another job deployment, with the key of the account.
    .refine((path) => !/\/(\.|%2e){1,2}(\/|\?|$)/i.test(path.replace(/%2f/gi, '/')), 'use a path without . and ..');

/** The vendors that have job deployments. */
export const jobDeploymentVendors = ['verda'] as const;

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
