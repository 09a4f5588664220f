import type { RunStore } from '../runs/run-store.ts';
import { SecretMask } from '../ssh/secret-mask.ts';

export interface StoredOutputOptions {
  readonly runs: RunStore;
  readonly run: string;
  /** Where the step's output begins in the run's. */
  readonly begin: number;
  /** Values to be masked. */
  readonly secrets: readonly string[];
}

/** One step's part of the run's output, with secrets masked. */
export class StoredOutput {
  readonly #options: StoredOutputOptions;
  readonly #mask: SecretMask;
  #offset: number;

  private constructor(options: StoredOutputOptions, offset: number) {
    this.#options = options;
    this.#mask = new SecretMask(options.secrets);
    this.#offset = offset;
  }

  /** @param offset What the attempt before says is stored; this worker may keep another disk, and never skips what is not here. */
  static async resume(options: StoredOutputOptions, offset = 0): Promise<StoredOutput> {
    const here = (await options.runs.outputSize(options.run)) - options.begin;
    return new StoredOutput(options, Math.min(offset, Math.max(0, here)));
  }

  /** Bytes of the step that are stored. */
  get offset(): number {
    return this.#offset;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#write(this.#mask.push(bytes));
  }

  /** Stores what was held back, as it may have been the beginning of a secret. */
  async end(): Promise<void> {
    await this.#write(this.#mask.end());
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { runs, run, begin } = this.#options;
    if (bytes.byteLength > 0) await runs.writeOutput(run, begin + this.#offset, bytes);
    this.#offset += bytes.byteLength;
  }
}
