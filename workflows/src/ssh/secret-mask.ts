/**
 * Replaces secrets in a stream of bytes by as many asterisks: positions stay what they are, so that output can be written at its
 * offset by any worker. Bytes at the end that may be the beginning of a secret are held back until more is known.
 */
export class SecretMask {
  readonly #secrets: readonly Buffer[];
  #held: Buffer = Buffer.alloc(0);

  /** Secrets of fewer than four bytes are not masked: they would blacken ordinary words and hide nothing. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.map((secret) => Buffer.from(secret)).filter(({ length }) => length >= 4);
  }

  /** What can be stored now, masked. */
  push(bytes: Uint8Array): Buffer {
    const all = Buffer.concat([this.#held, bytes]);
    this.#mask(all);
    const keep = this.#lengthToHold(all);
    this.#held = all.subarray(all.length - keep);
    return all.subarray(0, all.length - keep);
  }

  /** What was held back, once nothing more comes. */
  end(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #mask(bytes: Buffer): void {
    for (const secret of this.#secrets) {
      for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at + secret.length)) {
        bytes.fill('*', at, at + secret.length);
      }
    }
  }

  #lengthToHold(bytes: Buffer): number {
    return Math.max(0, ...this.#secrets.map((secret) => overlap(bytes, secret)));
  }
}

/** How many of the last bytes are the first ones of the secret, short of all of it. */
function overlap(bytes: Buffer, secret: Buffer): number {
  for (let length = Math.min(secret.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(secret.subarray(0, length))) return length;
  }
  return 0;
}
