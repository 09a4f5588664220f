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
  const lists = await Promise.all(
    [...clouds.values()].flatMap<Promise<readonly unknown[]>>((cloud) => [
      cloud.listInstances(),
      cloud.jobs?.list() ?? Promise.resolve([]),
    ]),
  );
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

test("a job of the example's file runs as one of Verda's serverless jobs, and is shown like any other", async () => {
  const file = join(import.meta.dirname, '../../../examples/job-deployment/job.yaml');
  const shown = await gpuClouds('run', file, '--id', 'answered');
  expect(shown.exitCode).toBe(0);
  expect(JSON.parse(shown.rawText())).toMatchObject({ success: true, executionTime: 2 });
  const notes = shown.notes.join('\n');
  expect(notes).toMatch(/creating 1x H100 SXM at verda \(serverless\), \$\d+\.\d\d\/hour\n(.*\n)*.*running\n/);
  expect(notes).toMatch(/succeeded in \S+ for \$\S+ on 1x H100 SXM at verda\n/);
  expect(notes).toContain(join('answered', 'outputs', 'answer.json'));

  expect((await gpuClouds('logs', 'answered')).rawText()).toBe(shown.rawText());
  expect((await gpuClouds('ps', '--all')).outLines.join('\n')).toMatch(/^answered +succeeded .* 0$/m);
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

test('batch shows how each item ended, and fails when one did', async () => {
  const file = join(folder, 'sweep.csv');
  writeFileSync(file, 'CODE\n0\n3\n');
  const shown = await gpuClouds(
    'batch',
    jobFile('sweep', 'touch made.txt; exit $CODE'),
    '--items',
    file,
    '--id',
    'sweep',
  );
  expect(shown.exitCode).toBe(1);
  expect(shown.outLines.join('\n')).toMatch(/0 +sweep-0 +succeeded +0 .*\n +1 +sweep-1 +failed +3 /);
  expect(shown.notes.at(-1)).toMatch(/^failed: 1 succeeded, 1 failed, for \$/);

  const { outLines } = await gpuClouds('batch', 'results', 'sweep', '--failed', '--json');
  expect(outLines.map((line) => JSON.parse(line))).toMatchObject([{ index: 1, outcome: 'failed', exitCode: 3 }]);
  expect((await gpuClouds('batch', 'status', 'sweep')).outLines[0]).toMatch(/^sweep failed: 2 of 2 ended, 1 of them/);
  await expect
    .poll(async () => (await gpuClouds('batch', 'list', '--all')).outLines.join(), { timeout: 60_000 })
    .toMatch(/sweep +sweep +failed/);
  expect((await gpuClouds('batch', 'status', 'sweep-0')).notes.at(-1)).toContain('There is no batch "sweep-0"');
  expect((await gpuClouds('stop', 'sweep')).notes.at(-1)).toContain('There is no run "sweep"');
  expect(await machinesLeft()).toBe(0);
});

test('reaper tells of its schedule, looks when told to, and can be paused', async () => {
  const status = await gpuClouds('reaper', 'status', '--json');
  expect(JSON.parse(status.outLines.join(''))).toMatchObject({ paused: false, everySeconds: 300 });
  expect((await gpuClouds('reaper', 'pause')).notes).toEqual(['The reaper of "dev" is paused.']);
  expect((await gpuClouds('reaper', 'status')).outLines[0]).toContain('paused, every 300s');
  expect((await gpuClouds('reaper', 'run')).notes.at(-1)).toMatch(/^0 destroyed, /);
  expect((await gpuClouds('reaper', 'remove')).exitCode).toBe(0);
  expect((await gpuClouds('reaper', 'resume')).notes).toEqual([
    'gpu-clouds: The deployment "dev" has no reaper in this Temporal: start one with `gpu-clouds reaper start`.',
  ]);
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
