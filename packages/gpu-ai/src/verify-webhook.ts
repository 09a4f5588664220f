import type { components } from './generated/types.ts';
import { WebhookError } from './webhook-error.ts';
import {
  bytesOf,
  eventIdHeader,
  fromHex,
  importKey,
  keysOf,
  signatureHeader,
  signedBytes,
} from './webhook-signature.ts';

/** Type of an event, such as `instance.running`. The vendor adds types without notice. */
export type WebhookEventType = components['schemas']['EventType'];

/** A verified event. */
export interface WebhookEvent {
  /** Id of the event. The same in every delivery: an event is delivered again when the response was lost. */
  readonly id: string;
  /**
   * Type of the event: the first string among `type`, `event_type`, and `event`, because no source shows a complete body.
   * Undefined when there is none.
   */
  readonly type: WebhookEventType | undefined;
  /** Time of the signature, to the second. */
  readonly sentAt: Date;
  /** The body. Its form is not documented: use it as a signal to call `getInstance`. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A delivery with its raw body. A body that was parsed and serialized again no longer matches its signature. */
export interface Delivery {
  /** The raw body, not parsed. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** `Headers`, or the headers object of Node's `http` or Express. Names in any case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Options of `verifyWebhook`. */
export interface VerifyOptions {
  /** The secret that `createWebhookEndpoint` returned, or several during a rotation. */
  readonly secret: string | readonly string[];
  /** Largest difference between the time of the signature and now, in seconds. Default: 300. */
  readonly toleranceSeconds?: number | undefined;
  /** The current time, in milliseconds since 1970. Default: now. */
  readonly nowMs?: number | undefined;
}

/**
 * Verifies the signature of a delivery to a webhook endpoint, in constant time, and returns its event.
 * @throws {WebhookError} when the delivery must not be acted on
 */
export async function verifyWebhook(delivery: Request | Delivery, options: VerifyOptions): Promise<WebhookEvent> {
  const { secret, toleranceSeconds = 300, nowMs = Date.now() } = options;
  const secrets = [secret].flat().filter((each) => each !== '');
  if (secrets.length === 0) {
    throw new TypeError('secret is empty: pass the secret that createWebhookEndpoint returned.');
  }
  const { timestamp, signatures } = parse(headerOf(delivery, signatureHeader));
  const body = bytesOf(delivery instanceof Request ? await delivery.arrayBuffer() : delivery.body);
  if (!(await fits(signedBytes(timestamp, body), signatures, secrets))) {
    throw new WebhookError(
      'wrong-signature',
      `No signature in ${signatureHeader} matches. Check the secret, and that the body is passed unparsed.`,
    );
  }
  const sentAt = Number(timestamp) * 1000;
  if (Math.abs(nowMs - sentAt) > toleranceSeconds * 1000) {
    const seconds = Math.round((nowMs - sentAt) / 1000);
    throw new WebhookError(
      'outside-tolerance',
      `The delivery was signed ${Math.abs(seconds)} s ${seconds > 0 ? 'ago' : 'ahead of now'}; at most ${toleranceSeconds} s are accepted.`,
    );
  }
  return eventOf(body, headerOf(delivery, eventIdHeader), new Date(sentAt));
}

function parse(header: string | undefined): { timestamp: string; signatures: string[] } {
  if (header === undefined) {
    throw new WebhookError('missing-signature', `The delivery has no ${signatureHeader} header.`);
  }
  const parts = header.split(',').map((part) => part.trim().split('='));
  const valuesOf = (name: string) => parts.flatMap(([key, value]) => (key === name && value ? [value] : []));
  const [timestamp = '', ...more] = valuesOf('t');
  const signatures = valuesOf('v1').filter((value) => /^[0-9a-f]{64}$/i.test(value));
  if (!/^\d{1,11}$/.test(timestamp) || more.length > 0 || signatures.length === 0) {
    throw new WebhookError(
      'malformed-signature',
      `${signatureHeader} is not of the form t=<seconds>,v1=<64 hex digits>.`,
    );
  }
  return { timestamp, signatures };
}

async function fits(signed: Uint8Array<ArrayBuffer>, signatures: readonly string[], secrets: readonly string[]) {
  const keys = await Promise.all(secrets.flatMap(keysOf).map((key) => importKey(key, 'verify')));
  const verdicts = await Promise.all(
    keys.flatMap((key) => signatures.map((signature) => crypto.subtle.verify('HMAC', key, fromHex(signature), signed))),
  );
  return verdicts.includes(true);
}

function eventOf(body: Uint8Array, id: string | undefined, sentAt: Date): WebhookEvent {
  if (!id) throw new WebhookError('unreadable', `The delivery is signed, but has no ${eventIdHeader} header.`);
  const payload = parsed(new TextDecoder().decode(body));
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new WebhookError('unreadable', 'The delivery is signed, but its body is not a JSON object.');
  }
  const fields = payload as Record<string, unknown>;
  const type = [fields.type, fields.event_type, fields.event].find((value) => typeof value === 'string');
  return { id, type, sentAt, payload: fields };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headerOf({ headers }: Request | Delivery, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  const value = found?.[1];
  return typeof value === 'string' ? value : value?.join(',');
}
