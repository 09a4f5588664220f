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

/** `instance.running` and its like; the vendor adds new ones without notice. */
export type WebhookEventType = components['schemas']['EventType'];

/** An event that GPU.ai did send. */
export interface WebhookEvent {
  /** The same each time that one event is delivered: events come again when an answer was lost. */
  readonly id: string;
  /**
   * What happened. No source shows the body of a delivery whole, so it is looked for under `type`, `event_type` and
   * `event`; undefined when none of them is a text.
   */
  readonly type: WebhookEventType | undefined;
  /** When it was signed, to the second. */
  readonly sentAt: Date;
  /** The body, of which nothing is promised: take it as a sign to ask `getInstance`. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A delivery whose body was read as bytes or text, and not parsed: parsing changes it, and the signature with it. */
export interface Delivery {
  /** The body as it was received, not parsed. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** `Headers`, or what Node's `http`, Express and others have: names in any case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Options of `verifyWebhook`. */
export interface VerifyOptions {
  /** What `createWebhookEndpoint` answered; several while it is changed. */
  readonly secret: string | readonly string[];
  /** Seconds that the signature may be old, or ahead of this machine's clock. Default: 300. */
  readonly tolerance?: number;
  /** Milliseconds since 1970. Default: now. */
  readonly now?: number;
}

/**
 * Reads a delivery to a webhook endpoint, once it is sure that GPU.ai sent it: compares in constant time, by Web Crypto.
 * @throws WebhookError when it must not be acted on
 */
export async function verifyWebhook(delivery: Request | Delivery, options: VerifyOptions): Promise<WebhookEvent> {
  const { secret, tolerance = 300, now = Date.now() } = options;
  const secrets = [secret].flat().filter((each) => each !== '');
  if (secrets.length === 0)
    throw new TypeError('secret is empty: pass what createWebhookEndpoint answered as `secret`.');
  const { timestamp, signatures } = parse(headerOf(delivery, signatureHeader));
  const body = bytesOf(delivery instanceof Request ? await delivery.arrayBuffer() : delivery.body);
  if (!(await fits(signedBytes(timestamp, body), signatures, secrets))) {
    throw new WebhookError(
      'wrong-signature',
      `No signature of ${signatureHeader} fits: check the secret, and that the body is passed as it was received.`,
    );
  }
  const sentAt = Number(timestamp) * 1000;
  if (Math.abs(now - sentAt) > tolerance * 1000) {
    const seconds = Math.round((now - sentAt) / 1000);
    throw new WebhookError(
      'outside-tolerance',
      `The delivery was signed ${Math.abs(seconds)} s ${seconds > 0 ? 'ago' : 'ahead of now'}; at most ${tolerance} s are accepted.`,
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
    throw new WebhookError('unreadable', 'The delivery is signed, but its body is no JSON object.');
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
