import { setTimeout as delay } from 'node:timers/promises';
import type { RunStore } from './run-store.ts';

/** Options of {@link readOutput}. */
export interface ReadOutputOptions {
  /** The node whose output is read, from 0. Default: 0, the first or only node. */
  readonly node?: number | undefined;
  /** The attempt whose output is read, from 1. Default: 1, the first or only attempt. */
  readonly attempt?: number | undefined;
  /** Offset in bytes. Default: 0. */
  readonly from?: number | undefined;
  /** Waits for more output until this signal is aborted, then reads the rest and ends. Default: reads what is stored now, and ends. */
  readonly followUntil?: AbortSignal | undefined;
}

/**
 * Yields the stored output of a run in pieces, first that of setup, then that of the command. Text is UTF-8, and a piece may end inside
 * a character.
 * @throws {RunStoreError} The store fails.
 */
export async function* readOutput(
  runs: RunStore,
  run: string,
  { node = 0, attempt, from = 0, followUntil }: ReadOutputOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const pollIntervalMs = Math.max(100, runs.pace.everyMs);
  let offset = from;
  for (;;) {
    // Check before reading, so that output written before the abort is still read.
    const last = followUntil === undefined || followUntil.aborted;
    for await (const bytes of runs.readOutput({ run, node, attempt }, offset)) {
      offset += bytes.byteLength;
      yield bytes;
    }
    if (last) return;
    await delay(pollIntervalMs, undefined, { signal: followUntil }).catch(() => undefined);
  }
}
