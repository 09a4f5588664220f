import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { payloadOf } from '../reader/messages.ts';
import { Fields } from '../reader/wire.ts';
import { type CodecKey, CodecKeyError, checkCodecKeys } from './codec-keys.ts';

// The names in Temporal's own encryption samples.
const encoding = 'binary/encrypted';
const keyIdName = 'encryption-key-id';
const cipherName = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Options of {@link encryptionCodec}. */
export interface CodecOptions {
  /** Whether unencrypted payloads are refused. Set it once no open workflow has any. Default: false. */
  readonly strict?: boolean | undefined;
}

/**
 * Creates a codec that encrypts each payload, including its metadata, with AES-256-GCM. Temporal stores the key's id unencrypted
 * and `iv ‖ ciphertext ‖ tag`; the associated data are `gpu-clouds payload 1 <key id>`. Unencrypted payloads are read unchanged unless
 * `strict` is set, so that you can turn encryption on while workflows run.
 * @param keys The first key encrypts, all keys decrypt. To rotate, put a new key first, and remove the old key once no history needs it.
 * @throws {CodecKeyError} The keys are invalid.
 */
export function encryptionCodec(keys: readonly CodecKey[], { strict = false }: CodecOptions = {}): PayloadCodec {
  const [newest] = checkCodecKeys(keys);
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    encode: (payloads) =>
      Promise.all(payloads.map((payload) => (newest === undefined ? payload : encrypt(payload, newest)))),
    decode: (payloads) => Promise.all(payloads.map((payload) => decrypt(payload, byId, strict))),
  };
}

/** Encrypts nothing. Throws an error that names the missing key if a payload is encrypted; Temporal's own error names only an encoding. */
export const clearCodec: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: (payloads) => Promise.all(payloads.map((payload) => decrypt(payload, new Map()))),
};

async function encrypt(payload: Payload, { id, key }: CodecKey): Promise<Payload> {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(cipherName, key, iv).setAAD(associatedData(id));
  const plain = (await payloadMessage()).encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(encoding), [keyIdName]: Buffer.from(id) }, data };
}

async function decrypt(payload: Payload, keys: ReadonlyMap<string, Uint8Array>, strict = false): Promise<Payload> {
  const { metadata, data } = payload;
  if (textOf(metadata?.encoding) !== encoding) {
    if (!strict) return payload;
    throw new CodecKeyError(
      'A payload is not encrypted, and GPU_CLOUDS_CODEC_STRICT refuses such payloads. Unset it while unencrypted workflows are open.',
    );
  }
  const id = textOf(metadata?.[keyIdName]);
  const key = keys.get(id);
  if (keys.size === 0) {
    throw new CodecKeyError(
      `This Temporal namespace is encrypted with the key "${id}". Set GPU_CLOUDS_CODEC_KEYS to the same value as on the workers.`,
    );
  }
  if (key === undefined) {
    throw new CodecKeyError(
      `A payload is encrypted with the key "${id}", which the codec does not have. Add it after the first key.`,
    );
  }
  try {
    const bytes = Buffer.from(data ?? []);
    const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, ivBytes));
    decipher.setAAD(associatedData(id)).setAuthTag(bytes.subarray(-tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
    const fields = new Fields(plain);
    return fields.numbers.every((number) => number <= 2) ? payloadOf(fields) : (await payloadMessage()).decode(plain);
  } catch (error) {
    throw new CodecKeyError(
      `The key "${id}" cannot decrypt a payload. Either a different key had this id, or the payload was modified.`,
      { cause: error },
    );
  }
}

/** Loads Temporal's messages. To only read, commands should not wait for that. */
async function payloadMessage() {
  const { default: proto } = await import('@temporalio/proto');
  return proto.temporal.api.common.v1.Payload;
}

/** Binds a ciphertext to its use and key: what was encrypted with the same key for something else is not a payload. */
function associatedData(keyId: string): Uint8Array {
  return Buffer.from(`gpu-clouds payload 1 ${keyId}`);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
