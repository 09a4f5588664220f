import { setTimeout as delay } from 'node:timers/promises';
import type { RunStore } from './run-store.ts';

export interface ReadOutputOptions {
  /** Offset in bytes. Default 0. */
  readonly from?: number;
  /**
   * Goes on waiting for more until this is aborted, then reads what is left and ends. Left out: reads what is there.
   */
  readonly followUntil?: AbortSignal;
}

const chunk = 64 * 1024;

/** The output of a run as it is stored, setup's first, in pieces. Text is UTF-8; a piece may end inside a character. */
export async function* readOutput(
  runs: RunStore,
  run: string,
  { from = 0, followUntil }: ReadOutputOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = from;
  for (;;) {
    // Looked at before reading: what was written before the end is still read after it.
    const last = followUntil === undefined || followUntil.aborted;
    const bytes = await runs.readOutput(run, offset, chunk);
    offset += bytes.byteLength;
    if (bytes.byteLength > 0) yield bytes;
    else if (last) return;
    else await delay(100, undefined, followUntil === undefined ? {} : { signal: followUntil }).catch(() => undefined);
  }
}
