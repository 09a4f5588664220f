import { createHmac } from 'node:crypto';
import type { Notification, Webhook } from '@gpu-clouds/jobs/contract';
import { webhookSchema } from '@gpu-clouds/jobs/worker';
import { Context, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { NotifyInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { PrivateAddressError, postJson } from './post-json.ts';

/** Where a notification goes, and the key that signs it. Or one sentence on why it cannot be sent. */
type Target = { readonly url: URL; readonly key?: Buffer | undefined } | { readonly refusal: string };

/**
 * Sends a notification to a webhook. No message contains the URL, which may be a credential.
 * @throws ApplicationFailure, retryable unless the address is private or the receiver answers 410, which means "never again".
 */
export function sendNotification(dependencies: Dependencies) {
  return async ({ id, webhook: given, notification }: NotifyInput): Promise<void> => {
    const { data: webhook } = webhookSchema.safeParse(given);
    if (webhook === undefined) throw finalFailure('invalid', 'The webhook is not valid.');
    const target = targetOf(dependencies, webhook);
    if ('refusal' in target) throw ApplicationFailure.retryable(target.refusal, 'not-notified');
    const body = JSON.stringify(webhook.format === 'slack' ? { text: slackText(notification) } : notification);
    const seconds = Math.floor(dependencies.now() / 1000);
    const headers = target.key === undefined ? {} : signature(target.key, id, seconds, body);
    const options = { signal: cancellationSignal(), allowPrivate: dependencies.notifyPrivate };
    const status = await answered(webhook, postJson(target.url, headers, body, options));
    if (status >= 200 && status < 300) return;
    const message = `The webhook ${webhook.webhook} answered with HTTP status ${status}.`;
    throw status === 410
      ? ApplicationFailure.nonRetryable(message, 'not-notified')
      : ApplicationFailure.retryable(message, 'not-notified');
  };
}

/** Looks up the values of the variables that a webhook names. */
export function targetOf(
  { secretFor, notifyPrivate }: Dependencies,
  { webhook, signWith }: Pick<Webhook, 'webhook' | 'signWith'>,
): Target {
  const address = secretFor(webhook);
  if ('refusal' in address) return address;
  const url = URL.parse(address.value);
  if (url === null || (url.protocol !== 'https:' && !(notifyPrivate && url.protocol === 'http:'))) {
    return { refusal: `The value of ${webhook} is not an https URL.` };
  }
  if (signWith === undefined) return { url };
  const secret = secretFor(signWith);
  if ('refusal' in secret) return secret;
  const key = Buffer.from(secret.value.replace(/^whsec_/, ''), 'base64');
  if (key.length >= 24 && key.length <= 64) return { url, key };
  return { refusal: `The value of ${signWith} must be 24 to 64 bytes in base64: openssl rand -base64 32.` };
}

async function answered({ webhook }: Webhook, call: Promise<number>): Promise<number> {
  try {
    return await call;
  } catch (error) {
    if (cancellationSignal().aborted) await Context.current().cancelled;
    if (error instanceof PrivateAddressError) {
      const how = "Set GPU_CLOUDS_NOTIFY_PRIVATE=1 in the worker's environment to allow it.";
      throw finalFailure('invalid', `The webhook ${webhook} has an address that is not public. ${how}`);
    }
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw ApplicationFailure.retryable(`The webhook ${webhook} did not answer${code}.`, 'not-notified');
  }
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
function signature(key: Buffer, id: string, seconds: number, body: string): Readonly<Record<string, string>> {
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${mac}` };
}

function slackText({ type, data }: Notification): string {
  const { run, name, dollars, exitCode, message } = data;
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  const how = `${type === 'run.succeeded' ? 'succeeded' : `failed${code}`} for $${dollars.toFixed(2)}`;
  return escaped(`${name}: the run ${run} ${how}.${message === undefined ? '' : ` ${message}`}`);
}

/** https://docs.slack.dev/messaging/formatting-message-text/#escaping */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
