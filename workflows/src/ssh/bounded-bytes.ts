/** Bytes that come in pieces, collected up to a limit. Copied, since a piece of one byte holds on to all that it was received with. */
export class BoundedBytes {
  readonly #limit: number;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a piece. @returns False, and adds nothing of it, when there would be more than the limit. */
  add(piece: Uint8Array): boolean {
    const length = this.#length + piece.byteLength;
    if (length > this.#limit) return false;
    if (length > this.#bytes.byteLength) this.#grow(Math.min(this.#limit, Math.max(2 * length, 1024)));
    this.#bytes.set(piece, this.#length);
    this.#length = length;
    return true;
  }

  toString(): string {
    return this.#bytes.toString('utf8', 0, this.#length);
  }

  #grow(size: number): void {
    const grown = Buffer.alloc(size);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
