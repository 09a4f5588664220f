import { bytesOf, eventIdHeader, importKey, signatureHeader, signedBytes, toHex } from './webhook-signature.ts';

/** Options of `signWebhook`. */
export interface SignOptions {
  /** The secret that `createWebhookEndpoint` returned, or several during a rotation. */
  readonly secret: string | readonly string[];
  /** Time of the signature, in milliseconds since 1970. Default: now. */
  readonly nowMs?: number | undefined;
  /** Default: a random id. */
  readonly eventId?: string | undefined;
}

/** A delivery as GPU.ai sends it: `new Request(url, { method: 'POST', ...signed })`. */
export interface SignedWebhook {
  /** The body. It must be sent unchanged. */
  readonly body: string;
  /** The request headers. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs a payload as GPU.ai does, for tests of a webhook receiver. An object is sent as JSON, a string as it is. */
export async function signWebhook(
  payload: Readonly<Record<string, unknown>> | string,
  { secret, nowMs = Date.now(), eventId = `evt_${crypto.randomUUID()}` }: SignOptions,
): Promise<SignedWebhook> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const timestamp = String(Math.floor(nowMs / 1000));
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
