#!/usr/bin/env node
import { main } from './main.ts';

const interrupted = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Who asks again does not want to wait for an orderly end. Programs that start this one may pass the same Ctrl-C on at once.
    if (Date.now() - interruptedAt > 1000) process.exit(130);
    if (!interrupted.signal.aborted) interruptedAt = Date.now();
    interrupted.abort();
  });
}
// A reader that has seen enough (`gpu-clouds offers | head`) is no error.
process.stdout.on('error', () => process.exit());
// Nobody is there to read notes, which is no reason to stop.
process.stderr.on('error', () => undefined);

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  raw: (text) => process.stdout.write(text),
  signal: interrupted.signal,
});
