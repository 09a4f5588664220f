import type { OutputRef, RunStore } from '@gpu-clouds/jobs';
import { SecretMask } from '../ssh/secret-mask.ts';
import type { OutputTimes } from './output-times.ts';

export interface StoredOutputOptions {
  readonly runs: RunStore;
  readonly output: OutputRef;
  /** Where the step's output begins in the whole. */
  readonly begin: number;
  /** Values to be masked. */
  readonly secrets: readonly string[];
  /** Bytes of the step's output that are stored. What exceeds them is replaced by one line that says so. Default: all. */
  readonly limit?: number | undefined;
  /** The limit in words. */
  readonly limitText?: string | undefined;
  /** Where the time of the output is recorded. Default: nowhere. */
  readonly times?: OutputTimes | undefined;
}

/** One step's part of the output, with secrets masked, at the store's pace. */
export class StoredOutput {
  readonly #options: StoredOutputOptions;
  readonly #mask: SecretMask;
  readonly #limit: number;
  readonly #notice: Buffer;
  #offset: number;
  /** Bytes that were masked: those that are stored, and those that wait. */
  #accepted: number;
  #waiting: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** One write at a time, in order. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: StoredOutputOptions, offset: number) {
    this.#options = options;
    this.#mask = new SecretMask(options.secrets);
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#notice = Buffer.from(`\n[gpu-clouds: output ends here, at ${options.limitText}. The script runs on.]\n`);
    this.#offset = offset;
    this.#accepted = offset;
    // The attempt before may have stored the line about the rest in part.
    if (this.isFull) this.#waiting.push(this.#notice.subarray(offset - this.#limit));
  }

  /** @param offset What the attempt before says is stored; this worker may keep another disk, and never skips what is not here. */
  static async resume(options: StoredOutputOptions, offset = 0): Promise<StoredOutput> {
    const here = (await options.runs.outputSize(options.output)) - options.begin;
    return new StoredOutput(options, Math.min(offset, Math.max(0, here)));
  }

  /** Bytes of the step that are stored. */
  get offset(): number {
    return this.#offset;
  }

  /** Whether the limit is exceeded: nothing that comes now is stored. */
  get isFull(): boolean {
    return this.#accepted > this.#limit;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#accept(this.#mask.push(bytes));
    const { pace } = this.#options.runs;
    if (pace.everyMs === 0 || byteLength(this.#waiting) >= pace.bytes) await this.flush();
    else this.#timer ??= setTimeout(() => this.#flushInTime(), pace.everyMs);
  }

  /** Stores all that came. What cannot be stored, waits for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Stores what was held back, as it may have been the beginning of a secret. */
  async end(): Promise<void> {
    this.#accept(this.#mask.end());
    await this.flush();
  }

  #accept(masked: Buffer): void {
    if (this.isFull) return;
    const room = this.#limit - this.#accepted;
    this.#accepted += masked.byteLength;
    this.#waiting.push(masked.subarray(0, room));
    if (this.isFull) this.#waiting.push(this.#notice);
  }

  /** Stores what came, if that can be done. Nothing is tried after it. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    clearTimeout(this.#timer);
  }

  /** A failure of the store is for who appends or ends to see; until then, another try in time. */
  #flushInTime(): void {
    this.flush().catch(() => {
      this.#timer ??= setTimeout(() => this.#flushInTime(), this.#options.runs.pace.everyMs);
    });
  }

  async #write(): Promise<void> {
    const { runs, output, begin, times } = this.#options;
    const bytes = Buffer.concat(this.#waiting);
    if (bytes.byteLength === 0) return;
    const count = this.#waiting.length;
    // Before the output: one without a mark would seem to be older.
    await times?.mark(begin + this.#offset);
    await runs.writeOutput(output, begin + this.#offset, bytes);
    this.#waiting.splice(0, count);
    this.#offset += bytes.byteLength;
  }
}

function byteLength(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
}
