import { z } from 'zod';
import { readRecord, recordLine } from './record-lines.ts';
import type { OutputRef, RunStore } from './run-store.ts';

/** Milliseconds between two marks while output arrives. The time of output is known to this precision. */
export const outputMarkMs = 10_000;

/** Output from this offset on was not stored before this time. */
export interface OutputMark {
  /** Milliseconds since the epoch, by the clock of Temporal. */
  readonly at: number;
  /** Offset in bytes. */
  readonly offset: number;
}

const storedMark = z.tuple([z.number(), z.int().min(0)]);
/** Bytes that are read at a time to find the begin of a line. */
const lineWindow = 64 * 1024;
const newline = 0x0a;

/** Returns where the marks of an output are stored. */
export function timesOf({ run, node, attempt }: OutputRef): OutputRef {
  return { run, node, attempt, record: 'times' };
}

/** Returns a mark as a line of the record. */
export function outputMarkLine({ at, offset }: OutputMark): string {
  const line: z.input<typeof storedMark> = [at, offset];
  return recordLine(line);
}

/**
 * Returns the offset in bytes from which on stored output arrived since a moment, to ten seconds and to the begin of a line. A worker dates output
 * when it stores it. Returns the size of the output if none arrived since then.
 * @returns Undefined if the times are not known, because an older worker stored the output.
 * @throws {RunStoreError} The store fails.
 */
export async function sinceOffset(runs: RunStore, output: OutputRef, since: Date): Promise<number | undefined> {
  // Before the marks: what is stored meanwhile is new.
  const size = await runs.outputSize(output);
  let isKnown = false;
  let from = size;
  for await (const value of readRecord(runs, timesOf(output))) {
    const { data } = storedMark.safeParse(value);
    if (data === undefined) continue;
    const [at, offset] = data;
    isKnown = true;
    // A run that was reset writes its output again, so a later mark may have a lower offset.
    if (at + outputMarkMs > since.getTime()) from = Math.min(from, offset);
  }
  return isKnown ? lineBegin(runs, output, from, size) : undefined;
}

async function lineBegin(runs: RunStore, output: OutputRef, offset: number, size: number): Promise<number> {
  if (offset === 0 || offset === size) return offset;
  const from = Math.max(0, offset - lineWindow);
  const before: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of runs.readOutput(output, from)) {
    before.push(bytes);
    length += bytes.byteLength;
    if (from + length >= offset) break;
  }
  const last = Buffer.concat(before)
    .subarray(0, offset - from)
    .lastIndexOf(newline);
  if (last < 0 && from > 0) return offset;
  return from + last + 1;
}
