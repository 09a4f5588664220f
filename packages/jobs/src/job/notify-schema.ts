import { z } from 'zod';
import { notifyEvents } from './notification.ts';
import { variableName } from './variable-name.ts';

/** Schema of one entry of `notify`. */
export const webhookSchema = z
  .strictObject({
    webhook: variableName.describe(
      "Name of the variable in the worker's environment whose value is the URL. The worker's GPU_CLOUDS_JOB_SECRETS must list it. The URL is never stored.",
    ),
    on: z
      .array(z.enum(notifyEvents))
      .min(1)
      .default(['succeeded', 'failed'])
      .describe(
        'Which ends to report: `succeeded`; `failed`, for any reason; `over-budget`, for those failures only that the budget, maxCost, or maxDuration caused. Default: succeeded and failed.',
      ),
    format: z
      .enum(['json', 'slack'])
      .default('json')
      .describe('`json`: as notification.schema.json says, signed. `slack`: a text for an incoming webhook of Slack.'),
    signWith: variableName
      .optional()
      .describe(
        "Name of the variable in the worker's environment whose value signs the payload: whsec_ and 24 to 64 bytes in base64. The worker's GPU_CLOUDS_JOB_SECRETS must list it. Required for json.",
      ),
  })
  .superRefine(({ format, signWith }, context) => {
    if ((format === 'json') === (signWith !== undefined)) return;
    const message =
      format === 'json'
        ? "set it to the name of a variable of the worker whose value signs the payload, such as NOTIFY_KEY with the output of 'openssl rand -base64 32'"
        : 'remove it, because Slack checks no signature';
    context.addIssue({ code: 'custom', path: ['signWith'], message });
  });

/** Whom to notify of the end of a run, and when. */
export type Webhook = z.output<typeof webhookSchema>;
