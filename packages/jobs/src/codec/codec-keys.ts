/** A key of 256 bits for AES-256-GCM, and the name under which encrypted payloads refer to it. */
export interface CodecKey {
  /** Letters, digits, dots, hyphens and underscores. Stored in clear beside each payload. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The codec's keys cannot be used, or lack the one that a payload needs. The message says what to do, and holds no key. */
export class CodecKeyError extends Error {
  override readonly name = 'CodecKeyError';
}

const keyBytes = 32;

/**
 * Reads keys as `GPU_CLOUDS_CODEC_KEYS` holds them: `id:base64`, separated by commas. The first encrypts, all decrypt.
 * @throws CodecKeyError
 */
export function parseCodecKeys(text: string): readonly CodecKey[] {
  return checkCodecKeys(
    text.split(',').map((part, index) => {
      const [id, encoded, ...rest] = part.trim().split(':');
      if (id === undefined || encoded === undefined || rest.length > 0) {
        throw new CodecKeyError(
          `Key ${index + 1} of the payload codec is not of the form id:base64: separate keys by commas, id and key by a colon.`,
        );
      }
      return { id, key: Buffer.from(encoded, 'base64') };
    }),
  );
}

/** @throws CodecKeyError when there is none, one is not 32 bytes, or two share an id. */
export function checkCodecKeys(keys: readonly CodecKey[]): readonly CodecKey[] {
  if (keys.length === 0) throw new CodecKeyError('The payload codec needs a key: name at least one.');
  const ids = new Set<string>();
  for (const [index, { id, key }] of keys.entries()) {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
      throw new CodecKeyError(
        `Key ${index + 1} of the payload codec has no usable id: use letters, digits, dots, hyphens and underscores.`,
      );
    }
    if (key.byteLength !== keyBytes) {
      throw new CodecKeyError(
        `The payload codec's key "${id}" has ${key.byteLength} bytes instead of ${keyBytes}: make one with \`openssl rand -base64 32\`.`,
      );
    }
    if (ids.has(id)) throw new CodecKeyError(`The payload codec has two keys "${id}": give each an id of its own.`);
    ids.add(id);
  }
  return keys;
}
