/** A 256-bit key for AES-256-GCM, and the id by which encrypted payloads refer to it. */
export interface CodecKey {
  /** 1 to 64 letters, digits, dots, hyphens, and underscores. Stored unencrypted with each payload. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The codec's keys are invalid, or the key of a payload is missing. The message says what to do and never contains a key. */
export class CodecKeyError extends Error {
  override readonly name = 'CodecKeyError';
}

const keyBytes = 32;

/**
 * Parses the value of `GPU_CLOUDS_CODEC_KEYS`: `id:base64` pairs, separated by commas. The first key encrypts, all keys decrypt.
 * @throws {CodecKeyError} A pair is malformed, a key is not 32 bytes long, or an id is invalid or used twice.
 */
export function parseCodecKeys(text: string): readonly CodecKey[] {
  return checkCodecKeys(
    text.split(',').map((part, index) => {
      const [id, encoded, ...rest] = part.trim().split(':');
      if (id === undefined || encoded === undefined || rest.length > 0) {
        throw new CodecKeyError(
          `Key ${index + 1} of the payload codec is malformed. Write it as id:base64, and separate keys by commas.`,
        );
      }
      return { id, key: Buffer.from(encoded, 'base64') };
    }),
  );
}

/**
 * Returns the keys unchanged if they are valid.
 * @throws {CodecKeyError} There is no key, an id is invalid or used twice, or a key is not 32 bytes long.
 */
export function checkCodecKeys(keys: readonly CodecKey[]): readonly CodecKey[] {
  if (keys.length === 0) throw new CodecKeyError('The payload codec has no key. Pass at least one.');
  const ids = new Set<string>();
  for (const [index, { id, key }] of keys.entries()) {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
      throw new CodecKeyError(
        `Key ${index + 1} of the payload codec has an invalid id. Use 1 to 64 letters, digits, dots, hyphens, and underscores.`,
      );
    }
    if (key.byteLength !== keyBytes) {
      throw new CodecKeyError(
        `Key "${id}" of the payload codec has ${key.byteLength} bytes instead of ${keyBytes}. Generate one with "openssl rand -base64 32".`,
      );
    }
    if (ids.has(id))
      throw new CodecKeyError(`The payload codec has two keys with the id "${id}". Give each key its own id.`);
    ids.add(id);
  }
  return keys;
}
