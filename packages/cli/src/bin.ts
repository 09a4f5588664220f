#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { InterruptedError, type Terminal } from './terminal.ts';

// Before anything else is loaded: the second start of a command is twice as fast.
enableCompileCache();
const [{ main }, { screen }] = await Promise.all([import('./main.ts'), import('./screen.ts')]);

let interrupted = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second signal ends the process without cleanup. A parent program may forward the same Ctrl-C, so signals within one second count as one.
    if (Date.now() - interruptedAt > 1000) process.exit(130);
    if (!interrupted.signal.aborted) interruptedAt = Date.now();
    interrupted.abort(new InterruptedError(signal === 'SIGINT' ? 'person' : 'program'));
  });
}
// `gpu-clouds offers | head` ends quietly. A command that follows a run says that the run continues.
process.stdout.on('error', () => interrupted.abort(new InterruptedError('closed output')));
// Notes are optional: continue when standard error is closed.
process.stderr.on('error', () => undefined);

const { stdin, stdout, stderr } = process;
const isInteractive = stdin.isTTY && stderr.isTTY;

/** Loaded at the first question. */
const prompts: Terminal['prompts'] = {
  confirm: async (message) => (await import('./prompts.ts')).prompts.confirm(message),
  select: async (message, choices) => (await import('./prompts.ts')).prompts.select(message, choices),
  text: async (message, initial) => (await import('./prompts.ts')).prompts.text(message, initial),
};

process.exitCode = await main(process.argv.slice(2), {
  ...screen(stdout, stderr),
  env: process.env,
  signal: interrupted.signal,
  nextInterrupt() {
    interrupted = new AbortController();
    interruptedAt = Number.POSITIVE_INFINITY;
    return interrupted.signal;
  },
  columns: stdout.isTTY ? stdout.columns : undefined,
  colors: { out: stdout.isTTY && stdout.hasColors(), note: stderr.isTTY && stderr.hasColors() },
  stdin: async () => (await import('node:stream/consumers')).text(stdin),
  prompts: isInteractive ? prompts : undefined,
});
// A call that Temporal's client is about to make again would keep the process, and throw because its connection is closed.
for (const stream of [stdout, stderr]) await new Promise<void>((resolve) => stream.write('', () => resolve()));
process.exit();
