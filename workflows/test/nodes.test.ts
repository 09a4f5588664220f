import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cloud, createClouds } from '@gpu-clouds/clouds';
import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { costOf, type JobHandle, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

// Several instances each: a minute is short on a busy computer.
vi.setConfig({ testTimeout: 180_000 });

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const file = (id: string, name: string) => readFile(join(harness.runs.location(id), 'outputs', name), 'utf8');

async function everyNodeWrites(run: JobHandle, nodes: number, text: string): Promise<void> {
  for (let node = 0; node < nodes; node++) {
    await until(async () => (await outputOf(harness.runs, run.id, node)).includes(text), `"${text}" of node ${node}`);
  }
}

describe('with instances of their own', () => {
  let simulators: Simulators;
  let clouds: readonly Cloud[];
  beforeAll(async () => {
    simulators = createSimulators({ bootSeconds: 0.5 });
    const { verda } = await simulators.listen();
    clouds = [...createClouds({ env: verda.env }).clouds.values()];
  });
  beforeEach(() => harness.work(clouds, {}, { consistencyWindowMs: 3000, pollIntervalMs: 500, watchIntervalMs: 500 }));
  afterAll(() => simulators.close());

  it('each node knows its rank, the number of nodes, and all addresses, and its files are collected separately', async () => {
    const run = await startJob(
      harness.client,
      job(`name: ranks
resources: { vendors: [verda], nodes: 3 }
setup: echo "setup of $GPU_CLOUDS_NODE_RANK"
command: |
  echo "$NODE_RANK of $NNODES, $GPU_CLOUDS_NODE_RANK of $GPU_CLOUDS_NODES, master $MASTER_ADDR:$MASTER_PORT" > told.txt
  echo "$GPU_CLOUDS_NODE_ADDRESSES" > addresses.txt
  if [ "$NODE_RANK" = 0 ]; then echo model > model.txt; fi
  echo "command of $NODE_RANK"
files: { down: [{ from: told.txt, to: told.txt }, { from: addresses.txt, to: addresses.txt }, { from: model.txt, to: model.txt }] }
`),
    );
    const result = await run.result();
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0, exitCodes: [0, 0, 0], failures: [] });
    const { instances, activeInstances } = await run.status();
    const hosts = instances.map(({ ssh }) => ssh?.host ?? '');
    expect(new Set(hosts).size).toBe(3);
    expect(instances.map(({ node, instanceName }) => [node, ownerIdOf(instanceName).split('-').at(-1)])).toEqual([
      [0, '0'],
      [1, '1'],
      [2, '2'],
    ]);
    expect(activeInstances).toEqual([]);
    for (const node of [0, 1, 2]) {
      expect(await outputOf(harness.runs, run.id, node)).toBe(`setup of ${node}\ncommand of ${node}\n`);
      expect(await file(run.id, `node-${node}/told.txt`)).toBe(
        `${node} of 3, ${node} of 3, master ${hosts[0]}:29500\n`,
      );
      expect(await file(run.id, `node-${node}/addresses.txt`)).toBe(`${hosts.join('\n')}\n`);
    }
    expect(result.outputs).toContain('node-0/model.txt');
    expect(result.dollars).toBeCloseTo(instances.reduce((sum, instance) => sum + costOf([instance], Date.now()), 0));
    expect(simulators.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  });

  it('when one node is lost, the command starts again on as many others, with the checkpoint of the first', async () => {
    const run = await startJob(
      harness.client,
      job(`name: one-lost
resources: { vendors: [verda], nodes: 2 }
command: |
  if [ -e state/of ]; then echo "restored of $(cat state/of)"; exit 0; fi
  mkdir state; echo "$NODE_RANK" > state/of
  echo started; sleep 600
checkpoint: { folder: state, every: 1s }
`),
    );
    await everyNodeWrites(run, 2, 'started');
    const checkpoints = join(harness.runs.location(run.id), 'checkpoints');
    await until(async () => (await readdir(checkpoints).catch(() => [])).length > 0, 'a checkpoint');
    const [, second] = (await run.status()).activeInstances;
    await simulators.faults.add({ kind: 'preempt', instance: second?.instanceName ?? '' });
    expect(await run.result()).toMatchObject({ outcome: 'succeeded', exitCodes: [0, 0], failures: [{ kind: 'lost' }] });
    for (const node of [0, 1]) {
      expect(await outputOf(harness.runs, run.id, node)).toBe('started\nrestored of 0\n');
    }
    expect((await run.status()).instances.map(({ node }) => node)).toEqual([0, 1, 0, 1]);
    expect(simulators.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  });
});

it('when one node cannot be rented, the others are released before the next offer is tried', async () => {
  const [cheap, dear] = [harness.cloud('tensordock', 1), harness.cloud('verda', 2)];
  cheap.faults.create = [undefined, 'no-capacity'];
  let left = -1;
  dear.faults.onCreate = async () => {
    left = left === -1 ? cheap.left : left;
  };
  await harness.work([cheap, dear]);
  const run = await startJob(harness.client, job('name: one-short\nresources: { nodes: 2 }\ncommand: "true"\n'));
  expect(await run.result()).toMatchObject({
    outcome: 'succeeded',
    offer: { vendor: 'verda' },
    failures: [{ vendor: 'tensordock', kind: 'no-capacity' }],
  });
  expect(left).toBe(0);
  expect((await run.status()).instances.map(({ offer, node }) => [offer.vendor, node])).toEqual([
    ['tensordock', 0],
    ['tensordock', 1],
    ['verda', 0],
    ['verda', 1],
  ]);
  expect([cheap.creates, dear.creates, cheap.left, dear.left]).toEqual([2, 2, 0, 0]);
});

it('a node that fails ends the job with its exit code, and files of all nodes are collected', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job(`name: one-fails
resources: { nodes: 3 }
command: |
  if [ $NODE_RANK = 1 ]; then until [ "$(ls ready-* | wc -l)" = 2 ]; do sleep 0.1; done; echo failing; exit 3; fi
  trap "echo asked > asked-$NODE_RANK; exit 9" TERM
  touch ready-$NODE_RANK
  sleep 600 & wait
files: { down: [{ from: asked-0, to: asked }, { from: asked-2, to: asked-2 }] }
`),
  );
  expect(await run.result()).toMatchObject({ outcome: 'failed', exitCode: 3, exitCodes: [9, 3, 9], failures: [] });
  expect(await file(run.id, 'node-0/asked')).toBe('asked\n');
  expect(await file(run.id, 'node-2/asked-2')).toBe('asked\n');
  expect([cloud.creates, cloud.left]).toEqual([3, 0]);
});

it('a setup that fails on one node ends the job, and the message names the node', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job(
      'name: bad-setup\nresources: { nodes: 2 }\nsetup: if [ $NODE_RANK = 1 ]; then exit 5; fi; sleep 600\ncommand: "true"\n',
    ),
  );
  await expect(run.result()).rejects.toMatchObject({
    kind: 'setup-failed',
    message: 'The setup ended on node 1 with exit code 5: its output says why.',
  });
  expect(await run.status()).toMatchObject({ setupExitCode: 5 });
  expect(cloud.left).toBe(0);
});

it('a stop ends the command on every node', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job('name: stopped\nresources: { nodes: 2 }\ncommand: echo started; sleep 600 & wait\n'),
  );
  await everyNodeWrites(run, 2, 'started');
  expect((await run.status()).activeInstances.map(({ node }) => node)).toEqual([0, 1]);
  await run.stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 143, exitCodes: [143, 143] });
  expect(cloud.left).toBe(0);
});

it('a terminated job with several nodes leaves no instance', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: gone\nresources: { nodes: 3 }\ncommand: sleep 600\n'));
  await until(async () => (await run.status()).phase === 'running');
  expect(cloud.instances.size).toBe(3);
  await harness.client.workflow.getHandle(run.id).terminate();
  await until(() => cloud.left === 0, 'the end of all instances');
});

it('maxCost applies to all nodes together', async () => {
  const cloud = harness.cloud('verda');
  cloud.faults.price = 3600;
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job('name: dear\nresources: { nodes: 2 }\nlimits: { maxCost: 10 }\ncommand: sleep 600\n'),
  );
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  const { instances } = await run.status();
  const memo = await Promise.all(
    instances.map(async ({ instanceName, since }) => {
      const { memo } = await harness.client.workflow.getHandle(ownerIdOf(instanceName)).describe();
      return (Date.parse(String(memo?.mustEndBy)) - Date.parse(since)) / 1000;
    }),
  );
  // $5 each at $1 a second, from when its owner starts. With $10 each, it would be ten.
  for (const seconds of memo) {
    expect(seconds).toBeGreaterThanOrEqual(4.9);
    expect(seconds).toBeLessThan(9);
  }
  expect(cloud.left).toBe(0);
});

it('offers with too few available instances are not tried', async () => {
  const [few, enough] = [harness.cloud('tensordock', 1), harness.cloud('verda', 2)];
  few.faults.available = 1;
  await harness.work([few, enough]);
  const run = await startJob(harness.client, job('name: enough\nresources: { nodes: 2 }\ncommand: "true"\n'));
  expect(await run.result()).toMatchObject({ offer: { vendor: 'verda' }, failures: [] });
  expect(few.creates).toBe(0);
});
