// Receives what a worker sends at the end of a run, because of `notify` in training.yaml.
import { Hono } from 'hono';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';

/** The fields that this service needs. All of them are in notification.schema.json of `@gpu-clouds/jobs`. */
const notification = z.object({
  type: z.enum(['run.succeeded', 'run.failed']),
  data: z.object({ run: z.string(), dollars: z.number(), overBudget: z.boolean(), message: z.string().optional() }),
});

export type RunEnd = z.output<typeof notification> & {
  /** The same for each delivery of a notification. */
  readonly deliveryId: string;
};

/** @param key The value of the variable that `signWith` of the job file names. */
export function createReceiver(key: string, onEnd: (end: RunEnd) => Promise<void>): Hono {
  const webhook = new Webhook(key);
  const app = new Hono();
  app.post('/', async (c) => {
    const body = await c.req.text();
    try {
      // Refuses a wrong signature, and a timestamp that is more than five minutes off: a recorded request cannot be sent again later.
      webhook.verify(body, c.req.header());
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      return c.json({ message: 'The signature is missing, wrong, or too old.' }, 401);
    }
    // An error here is answered with 500, and the worker sends the notification again.
    await onEnd({ ...notification.parse(JSON.parse(body)), deliveryId: c.req.header('webhook-id') ?? '' });
    return c.body(null, 204);
  });
  return app;
}
