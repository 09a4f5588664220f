import { setTimeout as delay } from 'node:timers/promises';
import type { RunStore } from './run-store.ts';

/** Which part of a run's output {@link readOutput} reads, and whether it waits for more. */
export interface ReadOutputOptions {
  /** Which instance's, of a run with several. Default 0, the only or first one. */
  readonly node?: number;
  /** Offset in bytes. Default 0. */
  readonly from?: number;
  /**
   * Goes on waiting for more until this is aborted, then reads what is left and ends. Left out: reads what is there.
   */
  readonly followUntil?: AbortSignal;
}

/** The output of a run as it is stored, setup's first, in pieces. Text is UTF-8; a piece may end inside a character. */
export async function* readOutput(
  runs: RunStore,
  run: string,
  { node = 0, from = 0, followUntil }: ReadOutputOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const between = Math.max(100, runs.pace.everyMs);
  let offset = from;
  for (;;) {
    // Looked at before reading: what was written before the end is still read after it.
    const last = followUntil === undefined || followUntil.aborted;
    for await (const bytes of runs.readOutput({ run, node }, offset)) {
      offset += bytes.byteLength;
      yield bytes;
    }
    if (last) return;
    await delay(between, undefined, { signal: followUntil }).catch(() => undefined);
  }
}
