import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClouds } from '@gpu-clouds/clouds';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../src/dev/stack.ts';
import { main } from '../src/main.ts';
import { type Recording, recordingTerminal } from './recording-terminal.ts';

let folder: string;
let stack: Stack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-stack-'));
  stack = await startStack({ env: process.env, home: join(folder, 'home'), log: () => undefined });
}, 180_000);
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command as a user of this stack would. */
async function gpuClouds(...argv: string[]): Promise<Recording & { readonly exitCode: number }> {
  const terminal = recordingTerminal({ ...process.env, ...stack.env });
  return { ...terminal, exitCode: await main(argv, terminal) };
}

function jobFile(name: string, command: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ name, command, files: { down: [{ from: 'made.txt', to: 'made.txt' }] } }));
  return file;
}

async function machinesLeft(): Promise<number> {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const lists = await Promise.all([...clouds.values()].map((cloud) => cloud.listInstances()));
  return lists.flat().length;
}

test('offers come from all four clouds, cheapest first', async () => {
  const { outLines, exitCode } = await gpuClouds('offers', '--json');
  const offers: { vendor: string; pricePerHour: number }[] = JSON.parse(outLines.join(''));
  expect(exitCode).toBe(0);
  expect(new Set(offers.map(({ vendor }) => vendor)).size).toBe(4);
  expect(offers.map(({ pricePerHour }) => pricePerHour)).toEqual(
    offers.map(({ pricePerHour }) => pricePerHour).sort((a, b) => a - b),
  );
});

test('run shows the output, brings the files back and ends with the exit code of the command', async () => {
  const shown = await gpuClouds('run', jobFile('three', 'echo hello; echo made > made.txt; exit 3'), '--id', 'three');
  expect(shown.exitCode).toBe(3);
  expect(shown.rawText()).toBe('hello\n');
  // Phases that pass between two looks are not told.
  expect(shown.notes.join('\n')).toMatch(/creating 1x .+\n(.*\n)*.*failed, exit code 3/);
  expect(readFileSync(join(folder, 'home', 'runs', 'three', 'outputs', 'made.txt'), 'utf8')).toBe('made\n');

  expect((await gpuClouds('logs', 'three')).rawText()).toBe('hello\n');
  expect((await gpuClouds('ps', '--all')).outLines.join('\n')).toMatch(/^three +failed .* 3$/m);
  expect(await machinesLeft()).toBe(0);
});

test('cancel ends a run and returns when its machine is gone', async () => {
  await gpuClouds('run', jobFile('endless', 'while :; do sleep 1; done'), '--id', 'endless', '--detach');
  await expect.poll(async () => (await gpuClouds('ps')).outLines.join(), { timeout: 60_000 }).toMatch(/running/);
  const { exitCode, notes } = await gpuClouds('cancel', 'endless');
  expect(exitCode).toBe(0);
  expect(notes.at(-1)).toContain('cancelled');
  expect(await machinesLeft()).toBe(0);
});

test('reap spares what a live run owns and shows what nobody does', async () => {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const key = await clouds.get('gpu-ai')?.keys?.create({
    label: 'gpuc-dev-forgotten-0',
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDBdptDTzJ2cOmdyryG1B7yb1YssiCQs6SWu4HlbZXGE test',
  });
  const first = await gpuClouds('reap', '--grace', '1s', '--json');
  expect(JSON.parse(first.outLines.join(''))).toMatchObject({ destroyed: [], waiting: [{ id: key?.id }] });
  const forced = await gpuClouds('reap', '--force', '--json');
  expect(JSON.parse(forced.outLines.join(''))).toMatchObject({ destroyed: [{ id: key?.id }], waiting: [] });
});
