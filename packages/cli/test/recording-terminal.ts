import type { Terminal } from '../src/terminal.ts';

/** What was written to a recording terminal. */
export interface Recording extends Terminal {
  readonly outLines: string[];
  readonly notes: string[];
  readonly rawText: () => string;
  readonly rawBytes: () => Buffer;
  readonly rawErrorBytes: () => Buffer;
}

/** Creates a terminal that records everything written to it. */
export function recordingTerminal(env: Terminal['env'], signal: AbortSignal = new AbortController().signal): Recording {
  const outLines: string[] = [];
  const notes: string[] = [];
  let raw = Buffer.alloc(0);
  let rawError = Buffer.alloc(0);
  return {
    env,
    signal,
    out: (line) => outLines.push(line),
    note: (line) => notes.push(line),
    raw: (bytes) => {
      raw = Buffer.concat([raw, bytes]);
    },
    rawError: (bytes) => {
      rawError = Buffer.concat([rawError, bytes]);
    },
    outLines,
    notes,
    rawText: () => raw.toString(),
    rawBytes: () => raw,
    rawErrorBytes: () => rawError,
  };
}
