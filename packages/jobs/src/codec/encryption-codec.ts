import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { type CodecKey, CodecKeyError, checkCodecKeys } from './codec-keys.ts';

// The names that Temporal's own encryption samples use, so that codec servers made after them read our payloads.
const encoding = 'binary/encrypted';
const keyIdName = 'encryption-key-id';
const cipherName = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts each payload, its metadata included, with AES-256-GCM. What is stored is the key's id in clear and `iv ‖ ciphertext ‖ tag`.
 * Payloads that are not encrypted are read as they are, so that it can be turned on while workflows run.
 * @param keys The first encrypts, all decrypt: to rotate, put a new one first and drop the old one when no history needs it any more.
 * @throws CodecKeyError
 */
export function encryptionCodec(keys: readonly CodecKey[]): PayloadCodec {
  const [newest] = checkCodecKeys(keys);
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    encode: async (payloads) => payloads.map((payload) => (newest === undefined ? payload : encrypt(payload, newest))),
    decode: async (payloads) => payloads.map((payload) => decrypt(payload, byId)),
  };
}

/** Encrypts nothing, and says what is missing where something is encrypted. Temporal's own words name an encoding. */
export const clearCodec: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map((payload) => decrypt(payload, new Map())),
};

function encrypt(payload: Payload, { id, key }: CodecKey): Payload {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(cipherName, key, iv);
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(encoding), [keyIdName]: Buffer.from(id) }, data };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, Uint8Array>): Payload {
  const { metadata, data } = payload;
  if (textOf(metadata?.encoding) !== encoding) return payload;
  const id = textOf(metadata?.[keyIdName]);
  const key = keys.get(id);
  if (keys.size === 0) {
    throw new CodecKeyError(
      `What this Temporal namespace holds is encrypted with the key "${id}": set GPU_CLOUDS_CODEC_KEYS as the workers have it.`,
    );
  }
  if (key === undefined) {
    throw new CodecKeyError(
      `A payload is encrypted with the key "${id}", which is not among the codec's keys: add it behind the first.`,
    );
  }
  try {
    const bytes = Buffer.from(data ?? []);
    const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, ivBytes));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
    return proto.temporal.api.common.v1.Payload.decode(plain);
  } catch (error) {
    throw new CodecKeyError(
      `A payload does not open with the codec's key "${id}": another key went by that id, or the payload was changed.`,
      { cause: error },
    );
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
