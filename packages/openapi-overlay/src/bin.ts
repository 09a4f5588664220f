#!/usr/bin/env node
import { main } from './command.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `head` closes the pipe when it has enough.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`Cannot write the output: ${error.message}\n`);
  process.exitCode = 1;
});

process.exitCode = await main(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
