import type { OutputRef, RunStore } from './run-store.ts';

const firstWindow = 64 * 1024;

/**
 * Returns the offset in bytes at which the last lines of stored output begin. Reads only as much as it needs from the end.
 * @throws {RunStoreError} The store fails.
 */
export async function tailOffset(runs: RunStore, output: OutputRef, lines: number): Promise<number> {
  const size = await runs.outputSize(output);
  if (lines === 0) return size;
  for (let window = firstWindow; ; window *= 8) {
    const from = Math.max(0, size - window);
    // A line begins behind a newline; the last newline of the output ends its last line.
    const begins: number[] = from === 0 ? [0] : [];
    let offset = from;
    for await (const bytes of runs.readOutput(output, from)) {
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) begins.push(offset + at + 1);
      offset += bytes.byteLength;
    }
    const whole = begins.at(-1) === offset ? begins.slice(0, -1) : begins;
    if (from === 0 || whole.length >= lines) return whole.at(-lines) ?? 0;
  }
}

const newline = 0x0a;
