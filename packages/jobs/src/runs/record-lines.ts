import type { OutputRef, RunStore } from './run-store.ts';

/** Characters. A longer line is not one of ours. */
const longestLine = 16_384;

/** Returns a value as a line of a record. The line break comes first, so that it also ends a line that a dead worker left unfinished. */
export function recordLine(value: unknown): string {
  return `\n${JSON.stringify(value)}`;
}

/** Yields the values of a record, in the order of its lines. A line that is damaged or unfinished has none. */
export async function* readRecord(runs: RunStore, record: OutputRef): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of runs.readOutput(record, 0)) {
    const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) rest = '';
    yield* lines.map(jsonIn);
  }
  yield jsonIn(rest);
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
