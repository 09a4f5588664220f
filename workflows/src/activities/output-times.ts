import type { OutputRef, RunStore } from '@gpu-clouds/jobs';
import { outputMarkLine, outputMarkMs, timesOf } from '@gpu-clouds/jobs/worker';

/** Records when output is stored, so that it can be read from a moment on. A failure never reaches the output: the next write makes up for it. */
export class OutputTimes {
  readonly #runs: RunStore;
  readonly #record: OutputRef;
  readonly #now: () => number;
  #size: number;
  /** Milliseconds since the epoch. */
  #markedAt = Number.NEGATIVE_INFINITY;

  private constructor(runs: RunStore, record: OutputRef, now: () => number, size: number) {
    this.#runs = runs;
    this.#record = record;
    this.#now = now;
    this.#size = size;
  }

  /** Goes on after the marks that are stored. @param now Returns milliseconds since the epoch. */
  static async resume(runs: RunStore, output: OutputRef, now: () => number): Promise<OutputTimes> {
    const record = timesOf(output);
    return new OutputTimes(runs, record, now, await runs.outputSize(record));
  }

  /** Notes that output from this offset on is stored next, unless the latest mark is recent. */
  async mark(offset: number): Promise<void> {
    const at = this.#now();
    if (at - this.#markedAt < outputMarkMs) return;
    const line = Buffer.from(outputMarkLine({ at, offset }));
    try {
      await this.#runs.writeOutput(this.#record, this.#size, line);
    } catch {
      return;
    }
    this.#size += line.byteLength;
    this.#markedAt = at;
  }
}
