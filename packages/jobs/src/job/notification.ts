import { z } from 'zod';

/** The ends of a run that a notification can be about. */
export const notifyEvents = ['succeeded', 'failed', 'over-budget'] as const;

const time = z.iso.datetime();

/** Schema of the JSON that a webhook gets. */
export const notificationSchema = z
  .strictObject({
    type: z.enum(['run.succeeded', 'run.failed']).describe('How the run ended.'),
    timestamp: time.describe('When the run ended, in UTC.'),
    data: z.strictObject({
      run: z.string().describe('ID of the run.'),
      name: z.string().describe('Name of the job.'),
      fleet: z.string().describe('The fleet that the instances belonged to.'),
      startedAt: time.describe('When the run started, in UTC.'),
      dollars: z.number().describe('What the run cost, in US dollars.'),
      exitCode: z.int().optional().describe('Exit code of the command, if it ended.'),
      kind: z
        .string()
        .optional()
        .describe('Why the run failed before its command ended, such as no-offer or preempted.'),
      overBudget: z.boolean().describe('Whether the budget, maxCost, or maxDuration ended the run.'),
      message: z.string().optional().describe('Why the run failed, in one sentence.'),
    }),
  })
  .describe('Tells a webhook that a run of gpu-clouds has ended and that its instances are gone.');

/** What a webhook gets. */
export type Notification = z.output<typeof notificationSchema>;
