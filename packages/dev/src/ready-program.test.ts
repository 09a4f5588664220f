import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Command, startReady } from './ready-program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-ready-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A Node.js program that runs until it is stopped. */
const program = (text: string): Command => [process.execPath, '-e', `${text}; setInterval(() => {}, 1000);`];
const ready = 'console.log(JSON.stringify({ port: 1 }))';

it('startReady resolves on the first line of output, and close stops the program with SIGTERM', async () => {
  const log = join(folder, 'log');
  const onTerm = 'process.on("SIGTERM", () => { console.log("bye"); process.exit(3); })';
  const started = await startReady('program', program(`${onTerm}; ${ready}`), { log });
  expect([started.ready, started.running]).toEqual([{ port: 1 }, true]);
  await started.close();
  expect([await started.exited, started.running]).toEqual([3, false]);
  await started.close();
  expect(await readFile(log, 'utf8')).toBe('{"port":1}\nbye\n');
});

it('kill stops a program that ignores SIGTERM', async () => {
  const started = await startReady('program', program(`process.on("SIGTERM", () => {}); ${ready}`));
  await started.kill();
  expect([await started.exited, started.running]).toEqual([128 + 9, false]);
  await started.kill();
});

it('close kills a program that ignores SIGTERM once graceSeconds have passed', async () => {
  const text = `process.on("SIGTERM", () => {}); ${ready}`;
  const started = await startReady('program', program(text), { graceSeconds: 1 });
  await started.close();
  expect(await started.exited).toBe(128 + 9);
});

it('startReady rejects with the last line of a program that exits before it is ready', async () => {
  const failing: Command = [process.execPath, '-e', 'console.error("no room"); process.exit(1);'];
  await expect(startReady('program', failing)).rejects.toThrow('The program did not start: no room');
});
