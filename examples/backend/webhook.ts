// Tells somebody of the end of a training, signed as https://www.standardwebhooks.com has it.
import { createHmac } from 'node:crypto';
import type { JobOutcome } from '@gpu-clouds/jobs';

export interface TrainingEnd {
  readonly id: string;
  readonly outcome: JobOutcome;
  readonly exitCode?: number | undefined;
  /** US dollars. */
  readonly dollars?: number | undefined;
  /** Why there is no exit code. */
  readonly kind?: string | undefined;
  readonly message?: string | undefined;
}

/**
 * An activity: Temporal tries it again until it succeeds. An answer that got lost means a second delivery, so the id is the training's in
 * each of them, and the receiver drops what it has seen.
 */
export async function postWebhook(end: TrainingEnd): Promise<void> {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = process.env;
  if (!url || !secret) throw new Error('Set WEBHOOK_URL and WEBHOOK_SECRET.');
  const body = JSON.stringify({ type: 'training.ended', data: end });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': end.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature(secret, end.id, timestamp, body)}`,
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw new Error(`The webhook's receiver answered ${response.status}.`);
}

/** @param secret `whsec_` and base64. */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}
