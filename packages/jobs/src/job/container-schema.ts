import { z } from 'zod';

const urlPath = (example: string) =>
  z.string().regex(/^\/[^\s{}#]*$/, `write a path that begins with /, for instance ${example}`);

/** What a job deployment runs, and what it is asked. */
export const containerSchema = z
  .strictObject({
    image: z
      .string()
      .regex(/^[^\s@:]+(:\d+\/[^\s@:]+)?(@sha256:[0-9a-f]{64}|:(?!latest$)[\w.-]+)$/, {
        error: 'name the image with its tag, such as ghcr.io/me/job:1.0; Verda takes no tag latest',
      })
      .describe('Image with its tag or digest, such as ghcr.io/me/job:1.0. The tag latest is refused.'),
    port: z.int().min(1).max(65_535).describe('Where the container listens.'),
    health: urlPath('/health')
      .default('/health')
      .describe('Path that answers 200 once the container can take the job.'),
    path: urlPath('/job?steps=10').describe('Path, with its query, that the job is sent to by POST.'),
    payload: z
      .unknown()
      .optional()
      .describe(
        'JSON that the job is sent with, {} when left out. It is kept in the history of the run: put credentials in `secrets`.',
      ),
    entrypoint: z.array(z.string()).min(1).optional().describe("In place of the image's entrypoint."),
    args: z.array(z.string()).min(1).optional().describe("In place of the image's command."),
    registryCredentials: z
      .string()
      .min(1)
      .optional()
      .describe('Name of credentials for a private image, made in the console of Verda.'),
  })
  .describe(
    'The container of a job deployment. It answers the POST with its result, and then exits: that tells Verda that the job is done.',
  );

/** The container of a job with `mode: job-deployment`, defaults filled in. */
export type JobContainer = z.output<typeof containerSchema>;
