#!/usr/bin/env node
import { main } from './main.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
// Whoever started this with a channel to it has ended, however that was: nobody else would stop it.
process.on('disconnect', () => interrupted.abort());
// Listening must not keep a command alive that is done.
process.channel?.unref();
// A reader that has seen enough (`gpu-clouds offers | head`) is no error.
process.stdout.on('error', () => process.exit());

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  raw: (text) => process.stdout.write(text),
  signal: interrupted.signal,
});
