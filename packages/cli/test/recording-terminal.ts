import type { Terminal } from '../src/terminal.ts';

/** What was written to a recording terminal. */
export interface Recording extends Terminal {
  readonly outLines: string[];
  readonly notes: string[];
  readonly rawText: () => string;
}

/** Creates a terminal that records everything written to it. */
export function recordingTerminal(env: Terminal['env'], signal: AbortSignal = new AbortController().signal): Recording {
  const outLines: string[] = [];
  const notes: string[] = [];
  let raw = '';
  return {
    env,
    signal,
    out: (line) => outLines.push(line),
    note: (line) => notes.push(line),
    raw: (text) => {
      raw += text;
    },
    outLines,
    notes,
    rawText: () => raw,
  };
}
