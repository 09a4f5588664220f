/** Maximum number of files that one node brings back. */
const maxFiles = 100_000;

/** Counts what is brought back from an instance, and ends it once it is larger than the job allows. */
export class OutputQuota {
  readonly #maxBytes: number;
  #bytes = 0;
  #files = 0;
  #exceeded: string | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Why the last transfer was ended, as the end of a sentence. Streams between it and the caller may report another error. */
  get exceeded(): string | undefined {
    return this.#exceeded;
  }

  /** @throws {RangeError} There are too many files. */
  addFile = (): void => {
    this.#files += 1;
    if (this.#files > maxFiles) this.#end(`has more than ${maxFiles} files`);
  };

  /** Yields the content unchanged. @throws {RangeError} There are too many bytes, with all content before it. */
  async *counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of content) {
      this.#bytes += bytes.byteLength;
      if (this.#bytes > this.#maxBytes) {
        this.#end(`is larger than limits.maxOutputs allows (${this.#maxBytes} bytes for each node)`);
      }
      yield bytes;
    }
  }

  #end(why: string): never {
    this.#exceeded = why;
    throw new RangeError(why);
  }
}
