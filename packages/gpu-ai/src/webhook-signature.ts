export const signatureHeader = 'Gpuai-Signature';
export const eventIdHeader = 'Gpuai-Event-Id';

type Bytes = Uint8Array<ArrayBuffer>;

const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const;

/** What is signed: `<timestamp>.<raw body>`. */
export function signedBytes(timestamp: string, body: Bytes): Bytes {
  const head = new TextEncoder().encode(`${timestamp}.`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

export function importKey(key: Bytes, use: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, algorithm, false, [use]);
}

/**
 * The keys that a secret may stand for. It is 64 hexadecimal digits, and the vendor's page does not say whether the
 * digits are the key or spell it; whoever knows one knows the other, so both are tried.
 */
export function keysOf(secret: string): Bytes[] {
  const text = new TextEncoder().encode(secret);
  return /^[0-9a-f]{64}$/i.test(secret) ? [text, fromHex(secret)] : [text];
}

export function fromHex(digits: string): Bytes {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A text as UTF-8, or a copy of the bytes. */
export function bytesOf(body: string | Uint8Array | ArrayBuffer): Bytes {
  return typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
}
