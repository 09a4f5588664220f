#!/usr/bin/env node
import { main } from './main.ts';

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

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  raw: (text) => process.stdout.write(text),
  signal: interrupted.signal,
});
