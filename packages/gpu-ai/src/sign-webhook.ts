import { bytesOf, eventIdHeader, importKey, signatureHeader, signedBytes, toHex } from './webhook-signature.ts';

/** Options of `signWebhook`. */
export interface SignOptions {
  /** What `createWebhookEndpoint` answered; several for a delivery while the secret is changed. */
  readonly secret: string | readonly string[];
  /** Milliseconds since 1970. Default: now. */
  readonly now?: number;
  /** Default: a random one. */
  readonly eventId?: string;
}

/** A delivery as GPU.ai would send it: `new Request(url, { method: 'POST', ...signed })`. */
export interface SignedWebhook {
  /** The body, as it has to be sent. */
  readonly body: string;
  /** The headers to send with it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs a payload as GPU.ai does, for tests of what receives it. An object is sent as JSON, a text as it is. */
export async function signWebhook(
  payload: Readonly<Record<string, unknown>> | string,
  { secret, now = Date.now(), eventId = `evt_${crypto.randomUUID()}` }: SignOptions,
): Promise<SignedWebhook> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const timestamp = String(Math.floor(now / 1000));
  const signed = signedBytes(timestamp, bytesOf(body));
  const signatures = await Promise.all(
    [secret].flat().map(async (each) => {
      const key = await importKey(bytesOf(each), 'sign');
      return `v1=${toHex(await crypto.subtle.sign('HMAC', key, signed))}`;
    }),
  );
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      [signatureHeader]: [`t=${timestamp}`, ...signatures].join(','),
      [eventIdHeader]: eventId,
    },
  };
}
