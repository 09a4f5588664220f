export const signatureHeader = 'Gpuai-Signature';
export const eventIdHeader = 'Gpuai-Event-Id';

type Bytes = Uint8Array<ArrayBuffer>;

const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const;

/** Returns the bytes that are signed: `<timestamp>.<raw body>`. */
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
 * Returns the possible keys of a secret. A secret has 64 hexadecimal digits, and the vendor does not document whether the
 * key is the text or the bytes, so both are tried. An attacker who knows one knows the other.
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

/** Returns a text as UTF-8, or a copy of bytes. */
export function bytesOf(body: string | Uint8Array | ArrayBuffer): Bytes {
  return typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
}
