import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClouds } from '@gpu-clouds/clouds';
import { freePort, type Stack, startStack } from '@gpu-clouds/dev';
import { parseJob } from '@gpu-clouds/jobs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The command as installed for users. */
const bin = join(import.meta.dirname, 'node_modules/.bin/gpu-clouds');
const example = (path: string) => join(import.meta.dirname, path);

let folder: string;
let stack: Stack;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-examples-'));
  const home = join(folder, 'home');
  stack = await startStack({ env: process.env, home, worker: [bin, 'worker', '--json'], log: () => undefined });
  env = { ...process.env, ...stack.env };
}, 180_000);
afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command. @returns what it prints. @throws if its exit code is not 0 */
async function gpuClouds(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(bin, args, { env });
  return stdout;
}

/** Reads a file that a run has brought back. */
async function output(id: string, path: string): Promise<string> {
  const to = join(folder, id);
  await gpuClouds('outputs', id, '--to', to);
  return readFile(join(to, path), 'utf8');
}

async function instancesLeft(): Promise<number> {
  const { clouds } = createClouds({ env });
  const lists = await Promise.all([...clouds.values()].map((cloud) => cloud.listInstances()));
  return lists.flat().length;
}

test.each(globSync('*/job.yaml', { cwd: import.meta.dirname }))('%s is valid and names its JSON schema', (file) => {
  const text = readFileSync(example(file), 'utf8');
  expect(text).toMatch(/^# yaml-language-server: \$schema=\S+\/job\.schema\.json\n/);
  expect(parseJob(text, file).limits.maxCost).toBeGreaterThan(0);
});

const patience = 180_000;

describe.concurrent('on simulated clouds', () => {
  test('the fine-tuning example trains and brings back the model', {
    timeout: patience,
  }, async () => {
    const small = ['--env', 'SMALL=1', '--env', 'STEPS=20', '--env', 'SAVE_EVERY=10'];
    const printed = await gpuClouds('run', example('fine-tuning/job.yaml'), '--id', 'tuned', '--yes', ...small);
    expect(printed).toMatch(/^starting\nstep 10 of 20: loss .+\nstep 20 of 20: loss .+\n/);
    expect(JSON.parse(await output('tuned', 'model/pairs.json'))).toMatchObject({ Th: 5 });
  });

  test('the sweep example runs an item for each line, and the best one has the highest learning rate', {
    timeout: patience,
  }, async () => {
    const items = ['--items', example('sweep/items.csv'), '--window', '3'];
    await gpuClouds('batch', 'run', example('sweep/job.yaml'), ...items, '--id', 'sweep', '--yes');
    const results: { loss: number }[] = [];
    for (const id of ['sweep-0', 'sweep-1', 'sweep-2']) results.push(JSON.parse(await output(id, 'result.json')));
    expect(results.map(({ loss }) => loss)).toEqual(results.map(({ loss }) => loss).toSorted((a, b) => b - a));
  });

  test('the evaluation example runs in its container image and brings back the scores', {
    timeout: patience,
  }, async () => {
    const printed = await gpuClouds(
      'run',
      example('evaluation/job.yaml'),
      '--id',
      'scored',
      '--yes',
      '--env',
      'SMALL=1',
    );
    expect(printed).toContain('4 of 4 are right');
    expect(JSON.parse(await output('scored', 'scores.json'))).toMatchObject({ accuracy: 1 });
  });

  test('the torchrun example trains on two nodes, which average their gradients', { timeout: patience }, async () => {
    const printed = await gpuClouds('run', example('torchrun/job.yaml'), '--id', 'two', '--yes', '--env', 'SMALL=1');
    expect(printed).toContain('2 processes: slope 3.00, offset 1.00');
    expect(JSON.parse(await output('two', 'node-0/model.json')).slope).toBeCloseTo(3, 1);
  });

  test('the notebook example starts a server on a lease', { timeout: patience }, async () => {
    await gpuClouds('up', '--gpu', 'L40S', '--ttl', '1h', '--max-cost', '4', '--name', 'notebook', '--yes');
    await gpuClouds('cp', example('notebook/start.sh'), 'notebook:start.sh');
    const variables = ['SMALL=1', `PORT=${await freePort()}`];
    const address = await gpuClouds('exec', 'notebook', '--', 'env', ...variables, 'sh', 'start.sh');
    // The simulated instance is on this computer, so no tunnel is needed.
    expect((await fetch(address.trim())).status).toBe(200);
    await gpuClouds('down', 'notebook');
    await expect(fetch(address.trim())).rejects.toThrow('fetch failed');
  });
});

test('the nightly example runs under a budget from its schedule', { timeout: patience }, async () => {
  await gpuClouds('budget', 'set', '5/day');
  await gpuClouds('schedule', 'add', example('nightly/job.yaml'), '--cron', '0 3 * * *', '--timezone', 'Europe/Berlin');
  const { id } = JSON.parse(await gpuClouds('schedule', 'run', 'nightly', '--json'));
  await gpuClouds('wait', id);
  expect(JSON.parse(await output(id, 'report.json'))).toMatchObject({ device: expect.any(String) });
  await gpuClouds('schedule', 'remove', 'nightly');
  await gpuClouds('budget', 'off');
});

test('no example leaves an instance behind', { timeout: patience }, async () => {
  await expect.poll(instancesLeft, { timeout: 60_000 }).toBe(0);
});

test('fine_tune.py continues after the latest checkpoint', async () => {
  const tune = async (steps: number) => {
    const settings = { ...process.env, SMALL: '1', STEPS: String(steps), SAVE_EVERY: '2' };
    const program = example('fine-tuning/src/fine_tune.py');
    return (await promisify(execFile)('python3', [program], { cwd: folder, env: settings })).stdout;
  };
  expect(await tune(2)).toMatch(/^starting\n/);
  expect(await tune(4)).toMatch(/^continuing after step 2\nstep 4 of 4: loss .+\n$/);
});
