import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunStore, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { Context } from '@temporalio/activity';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const saved = (id: string) =>
  readdir(join(harness.runs.location(id), 'checkpoints')).then(
    (names) => names.map((name) => name.replace(/\.tar$/, '')),
    () => [],
  );

it('after a preemption, the next instance has the checkpoint', async () => {
  const [first, second] = [harness.cloud('tensordock', 1, true), harness.cloud('verda', 2)];
  await harness.work([first, second]);
  const run = await startJob(
    harness.client,
    job(`name: resumed
resources: { spot: allow }
command: |
  if [ -f state/step ]; then echo "goes on after $(cat state/step)"; exit 0; fi
  mkdir -p state; echo 41 > state/step.part; mv state/step.part state/step
  echo begins
  sleep 600
checkpoint: { folder: state, every: 1s }
`),
  );
  const at = await until(async () => (await saved(run.id))[0], 'a checkpoint');
  // The test's machines share their disk: the next one would find what the first has written.
  second.faults.onCreate = () => rm(join(harness.ssh.home, 'state'), { recursive: true });
  first.instances.clear();
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', offer: { vendor: 'verda' }, failures: [{ kind: 'preempted' }] });
  expect(await outputOf(harness.runs, run.id)).toBe('begins\ngoes on after 41\n');
  const { restoredFrom } = await run.status();
  expect(Date.parse(restoredFrom ?? '')).toBeGreaterThanOrEqual(Number(at));
  // Not needed any more.
  expect(await saved(run.id)).toEqual([]);
});

it('an instance that is lost while files are collected after a success leaves the checkpoint to the next one', async () => {
  const [first, second] = [harness.cloud('tensordock', 1), harness.cloud('verda', 2)];
  let isCollecting = false;
  const runs: RunStore = {
    ...harness.runs,
    async putFile(run, path, ...rest) {
      if (path.startsWith('outputs/') && !isCollecting) {
        isCollecting = true;
        await rm(join(harness.ssh.home, 'done'), { recursive: true });
        first.instances.clear();
        // The loss ends the collecting.
        await Context.current().cancelled;
      }
      return harness.runs.putFile(run, path, ...rest);
    },
  };
  await harness.work([first, second], {}, {}, { runs });
  const run = await startJob(
    harness.client,
    job(`name: collected
command: |
  if [ -f done/step ]; then echo "goes on after $(cat done/step)"; else echo begins; fi
  mkdir -p done; echo 5 > done/step.part; mv done/step.part done/step
  until [ -f may-end ]; do sleep 0.2; done
  echo result > out
checkpoint: { folder: done, every: 0.5s }
files: { down: [{ from: out, to: out }] }
`),
  );
  await until(async () => (await saved(run.id))[0], 'a checkpoint');
  await writeFile(join(harness.ssh.home, 'may-end'), '');
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', offer: { vendor: 'verda' } });
  expect(await outputOf(harness.runs, run.id)).toBe('begins\ngoes on after 5\n');
  expect(await saved(run.id)).toEqual([]);
});

it('a missing checkpoint folder is no failure, and a failed run keeps its latest checkpoint', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const none = await startJob(
    harness.client,
    job('name: none\ncommand: sleep 2\ncheckpoint: { folder: nowhere, every: 0.5s }\n'),
  );
  const failed = await startJob(
    harness.client,
    job(
      'name: failed\ncommand: mkdir kept; echo 1 > kept/a; sleep 3; exit 1\ncheckpoint: { folder: kept, every: 0.5s }\n',
    ),
  );
  expect(await none.result()).toMatchObject({ outcome: 'succeeded' });
  expect(await failed.result()).toMatchObject({ outcome: 'failed', exitCode: 1 });
  expect((await saved(failed.id)).length).toBeGreaterThan(0);
  expect(cloud.left).toBe(0);
});

it('a command that failed is run again on another instance with the latest checkpoint', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job(`name: again
command: |
  if [ -f tried/step ]; then echo "goes on after $(cat tried/step)"; exit 0; fi
  mkdir -p tried; echo 7 > tried/step.part; mv tried/step.part tried/step
  until [ -f may-fail ]; do sleep 0.2; done
  exit 1
checkpoint: { folder: tried, every: 0.5s }
retry: { onFailure: { attempts: 1, sameInstance: false } }
`),
  );
  await until(async () => (await saved(run.id))[0], 'a checkpoint');
  cloud.faults.onCreate = () => rm(join(harness.ssh.home, 'tried'), { recursive: true });
  await writeFile(join(harness.ssh.home, 'may-fail'), '');
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', attempts: [{ exitCode: 1 }, { exitCode: 0 }] });
  expect(await outputOf(harness.runs, run.id, 0, 2)).toBe('goes on after 7\n');
  expect((await run.status()).restoredFrom).toBeDefined();
  expect([cloud.creates, cloud.left]).toEqual([2, 0]);
});
