import { type RunStore, readOutput, tailOffset, watchJob } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';

/** Text of a run's output, and the offset in bytes behind it. */
export interface OutputText {
  readonly text: string;
  readonly offset: number;
}

/** Which output to read, and from where. */
export interface OutputRequest {
  readonly id: string;
  readonly node: number;
  readonly attempt: number;
  /** Offset in bytes. Takes precedence over `tail`. */
  readonly from?: number | undefined;
  /** Number of last lines. */
  readonly tail?: number | undefined;
}

/** Yields the output of a run until the run has ended, or the signal aborts. */
export async function* followOutput(
  { client, runs }: { readonly client: Client; readonly runs: RunStore },
  { id, node, attempt, from, tail }: OutputRequest,
  signal: AbortSignal,
): AsyncGenerator<OutputText> {
  const start = from ?? (tail === undefined ? 0 : await tailOffset(runs, { run: id, node, attempt }, tail));
  const ended = new AbortController();
  const followUntil = AbortSignal.any([ended.signal, signal]);
  const watched = untilEnded(client, id, attempt, followUntil).finally(() => ended.abort());
  // It may fail before it is awaited below.
  watched.catch(() => undefined);
  try {
    for await (const text of wholeCharacters(
      readOutput(runs, id, { node, attempt, from: start, followUntil }),
      start,
    )) {
      // An aborted read would go on to the end of what is stored.
      if (signal.aborted) return;
      yield text;
    }
  } finally {
    ended.abort();
    await watched;
  }
}

/** Waits until the run has ended, or another attempt of its command has begun. */
async function untilEnded(client: Client, id: string, attempt: number, signal: AbortSignal): Promise<void> {
  for await (const { attempts = [] } of watchJob(client, id, { signal, intervalMs: 1000 }))
    if (attempts.length > attempt) return;
}

/** Decodes pieces of UTF-8, none of which ends inside a character. So a reader can continue behind each. */
export async function* wholeCharacters(pieces: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<OutputText> {
  let held: Uint8Array = new Uint8Array();
  let offset = from;
  for await (const piece of pieces) {
    const bytes = Buffer.concat([held, piece]);
    const end = bytes.length - unfinishedBytes(bytes);
    held = bytes.subarray(end);
    offset += end;
    if (end > 0) yield { text: bytes.toString('utf8', 0, end), offset };
  }
  if (held.length > 0) yield { text: Buffer.from(held).toString('utf8'), offset: offset + held.length };
}

/** Returns how many bytes at the end begin a character without ending it. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count += 1) {
    const byte = bytes[bytes.length - count] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > count ? count : 0;
  }
  return 0;
}
