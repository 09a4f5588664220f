#!/usr/bin/env node
import { main } from './main.ts';
import { escapeControls, TerminalText } from './output/terminal-text.ts';

const interrupted = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second signal ends the process without cleanup. A parent program may forward the same Ctrl-C, so signals within one second count as one.
    if (Date.now() - interruptedAt > 1000) process.exit(130);
    if (!interrupted.signal.aborted) interruptedAt = Date.now();
    interrupted.abort();
  });
}
// A closed pipe (`gpu-clouds offers | head`) is not an error.
process.stdout.on('error', () => process.exit());
// Notes are optional: continue when standard error is closed.
process.stderr.on('error', () => undefined);

const output = new TerminalText();
const shown = (text: string, { isTTY }: { readonly isTTY: boolean }) => (isTTY ? escapeControls(text) : text);

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  out: (line) => process.stdout.write(`${shown(line, process.stdout)}\n`),
  note: (line) => process.stderr.write(`${shown(line, process.stderr)}\n`),
  raw: (bytes) => process.stdout.write(process.stdout.isTTY ? output.push(bytes) : bytes),
  signal: interrupted.signal,
});
