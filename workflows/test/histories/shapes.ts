import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { type JobHandle, type JobPhase, leaseInstance, startJob, taskQueues } from '@gpu-clouds/jobs';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { startFileServer } from '../file-server.ts';
import { type Harness, job, outputOf } from '../harness.ts';
import { playActivities, startTimeSkipping } from '../time-skipping.ts';
import { deploymentShapes } from './deployment-shapes.ts';
import { type Execution, type Shape, withInstances } from './shape.ts';

const endless = 'command: echo started; sleep 600\n';

export const shapes: readonly Shape[] = [
  {
    name: 'success',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      const folder = join(harness.folder, 'job');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'in.txt'), 'input');
      const files = 'files: { up: [{ from: in.txt, to: in.txt }], down: [{ from: out.txt, to: out.txt }] }\n';
      const yaml = `name: success\n${files}setup: echo setup\ncommand: cat in.txt > out.txt\nenv: { WHAT: it }\n`;
      const run = await startJob(harness.client, job(yaml, folder), { runs: harness.runs });
      expect(await run.result()).toMatchObject({ outcome: 'succeeded', outputs: ['out.txt'] });
      return withInstances(run);
    },
  },
  {
    name: 'files-from-elsewhere',
    async play(harness) {
      const content = Buffer.from('input');
      const source = await startFileServer(content);
      const bucket = await startFileServer(content, { tls: false });
      harness.ssh.env.CURL_CA_BUNDLE = source.ca;
      const aws = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_ENDPOINT_URL_S3: bucket.url };
      await harness.work([harness.cloud('verda')], {}, {}, { env: { ...aws, GPU_CLOUDS_JOB_BUCKETS: 'results' } });
      const sha256 = createHash('sha256').update(content).digest('hex');
      const up = `[{ from: "${source.url}/in.txt", sha256: ${sha256}, to: in.txt }]`;
      const down = '[{ from: in.txt, to: "s3://results/{run}/" }]';
      const yaml = `name: elsewhere\nfiles: { up: ${up}, down: ${down} }\ncommand: "true"\n`;
      const run = await startJob(harness.client, job(yaml));
      const sent = [{ to: `s3://results/${run.id}/in.txt`, files: 1, bytes: 5 }];
      expect(await run.result()).toMatchObject({ outcome: 'succeeded', sent });
      await Promise.all([source.close(), bucket.close()]);
      return withInstances(run);
    },
  },
  failing('command-failed', 'command: exit 3\n', undefined),
  failing('setup-failed', 'setup: exit 3\ncommand: "true"\n', 'setup-failed'),
  failing('missing-output', 'command: "true"\nfiles: { down: [{ from: none, to: none }] }\n', 'missing-output'),
  failing('no-offer', 'limits: { maxPricePerHour: 0.01 }\ncommand: "true"\n', 'no-offer'),
  failing('refused', 'command: "true"\n', 'invalid', (cloud) => {
    cloud.faults.create = ['invalid'];
  }),
  failing('cap', `limits: { maxCost: 10 }\n${endless}`, 'cap-reached', (cloud) => {
    cloud.faults.price = 36_000;
  }),
  cancelled('finding-offers', (cloud) => {
    cloud.faults.offers = 'unavailable';
  }),
  cancelled('creating', (cloud, left) => {
    cloud.faults.onCreate = () => left;
  }),
  cancelled('booting', (cloud) => {
    cloud.faults.neverBoots = true;
  }),
  cancelled('setting-up', () => undefined, 'setup: sleep 600\ncommand: "true"\n'),
  cancelled('running', () => undefined),
  cancelled(
    'destroying',
    async (cloud, left) => {
      cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
      await left;
      cloud.faults.deleteConflicts = 0;
    },
    'command: "true"\n',
  ),
  {
    name: 'failover',
    async play(harness) {
      const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
      cheap.faults.create = ['no-capacity'];
      await harness.work([dear, cheap]);
      const run = await startJob(harness.client, job('name: failover\ncommand: "true"\n'));
      expect(await run.result()).toMatchObject({ offer: { vendor: 'verda' }, failures: [{ kind: 'no-capacity' }] });
      return withInstances(run);
    },
  },
  {
    name: 'lost-answer',
    async play(harness) {
      const cloud = harness.cloud('verda');
      cloud.faults.create = ['lost'];
      await harness.work([cloud]);
      const run = await startJob(harness.client, job('name: lost-answer\ncommand: "true"\n'));
      expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
      return withInstances(run);
    },
  },
  {
    name: 'preemption',
    async play(harness) {
      const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1, true)];
      await harness.work([dear, cheap]);
      const once = join(harness.folder, 'once');
      const command = `command: if [ -e ${once} ]; then exit 0; fi; touch ${once}; echo started; sleep 600\n`;
      const run = await startJob(harness.client, job(`name: preemption\nresources: { spot: allow }\n${command}`));
      await writes(harness, run, 'started');
      cheap.instances.clear();
      expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'preempted' }] });
      return withInstances(run);
    },
  },
  {
    name: 'stopped',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      const run = await startJob(harness.client, job(`name: stopped\n${endless}`));
      await writes(harness, run, 'started');
      await run.stop();
      expect(await run.result()).toMatchObject({ outcome: 'stopped' });
      return withInstances(run);
    },
  },
  {
    name: 'checkpoint',
    async play(harness) {
      const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1, true)];
      await harness.work([dear, cheap]);
      const yaml = `name: checkpoint
resources: { spot: allow }
command: if [ -e state/step ]; then exit 0; fi; mkdir state; echo 1 > state/step; echo started; sleep 600
checkpoint: { folder: state, every: 1s }
`;
      const run = await startJob(harness.client, job(yaml));
      const saved = join(harness.runs.location(run.id), 'checkpoints');
      await until(
        async () => (await readdir(saved).catch(() => [])).some((name) => name.endsWith('.tar')),
        'a checkpoint',
      );
      cheap.instances.clear();
      expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'preempted' }] });
      return withInstances(run);
    },
  },
  nodes('nodes', `command: echo $NODE_RANK\n${downOf('none')}`, { kind: 'missing-output' }),
  nodes('node-failed', 'command: if [ $NODE_RANK = 1 ]; then exit 3; fi; sleep 600\n', { exitCode: 3 }),
  nodes('node-refused', 'command: "true"\n', { exitCode: 0 }, (cloud) => {
    cloud.faults.create = [undefined, 'no-capacity'];
  }),
  {
    name: 'lease',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      const lease = await leaseInstance(harness.client, { offer: offerOf('verda', 'verda-0'), ttl: '1h' });
      await lease.ready();
      await lease.extend('2h');
      await lease.release();
      expect(await lease.ended()).toEqual({ why: 'released' });
      return [lease.id];
    },
  },
  {
    name: 'idle-lease',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      await writeFile(join(harness.ssh.home, 'gpu-load'), '0, 512, 81920, 40\n');
      const offer = offerOf('verda', 'verda-0');
      const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '3s' });
      await until(async () => (await lease.facts()).idle, 'the warning');
      await lease.extend('1h');
      expect(await lease.ended()).toEqual({ why: 'idle' });
      return [lease.id];
    },
  },
  {
    name: 'on-lease',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      const { client } = harness;
      const on = await leaseInstance(client, { offer: offerOf('verda', 'verda-0'), ttl: '1h', name: 'used' });
      const first = await startJob(client, job('name: first\ncommand: sleep 3; exit 3\n'), { on });
      await until(async () => (await first.status()).phase === 'running', 'the command');
      const second = await startJob(client, job(`name: second\n${endless}`), { on });
      await until(async () => (await second.status()).waiting, 'the queue');
      expect(await first.result()).toMatchObject({ exitCode: 3 });
      await until(async () => (await second.status()).phase === 'running', 'the second command');
      await on.release();
      await expect(second.result()).rejects.toMatchObject({ kind: 'lease-ended' });
      expect(await on.ended()).toEqual({ why: 'released' });
      return [on.id, first.id, second.id];
    },
  },
  { name: 'teardown-stuck', play: stuckTeardown },
  {
    name: 'batch',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      const workflowId = 'batch';
      const order = {
        id: workflowId,
        fleet: 'default',
        job: job('name: batch\ncommand: "true"\n'),
        items: [0, 1].map((index) => ({ index, item: {} })),
        window: 1,
        partSize: 500,
        // The part continues as new after each start, and its next history adopts the run.
        runsPerHistory: 1,
      };
      const { taskQueue, args } = { taskQueue: taskQueues.workflows, args: [order] };
      const handle = await harness.client.workflow.start('runBatch', { workflowId, taskQueue, args });
      await handle.result();
      const parts: Execution[] = [];
      await until(async () => {
        parts.length = 0;
        const query = `WorkflowId = '${workflowId}/part-0'`;
        for await (const part of harness.client.workflow.list({ query })) parts.push(part);
        return parts.length === 3;
      }, 'three histories of the part');
      return [workflowId, ...parts];
    },
  },
  {
    name: 'owner-terminated',
    async play(harness) {
      await harness.work([harness.cloud('verda')]);
      const run = await startJob(harness.client, job(`name: owner-terminated\n${endless}`));
      await writes(harness, run, 'started');
      const instanceName = (await run.status()).current?.instanceName ?? '';
      await harness.client.workflow.getHandle(ownerIdOf(instanceName)).terminate();
      await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
      return [run.id];
    },
  },
  {
    name: 'reap',
    async play(harness) {
      const cloud = harness.cloud('verda');
      await harness.work([cloud]);
      const workflowId = 'reap';
      const args = [{ fleet: 'default', dryRun: true }];
      await harness.client.workflow.execute('reapOrphans', { workflowId, taskQueue: taskQueues.workflows, args });
      return [workflowId];
    },
  },
  ...deploymentShapes,
];

function failing(name: string, yaml: string, kind: string | undefined, arrange?: (cloud: FakeCloud) => void): Shape {
  return {
    name,
    async play(harness) {
      const cloud = harness.cloud('verda');
      arrange?.(cloud);
      await harness.work([cloud]);
      const run = await startJob(harness.client, job(`name: ${name}\n${yaml}`));
      if (kind === undefined) expect(await run.result()).toMatchObject({ outcome: 'failed' });
      else await expect(run.result()).rejects.toMatchObject({ kind });
      return withInstances(run);
    },
  };
}

/** @param arrange Makes the phase last until the promise it is given settles. */
function cancelled(
  phase: JobPhase,
  arrange: (cloud: FakeCloud, left: Promise<void>) => void | Promise<void>,
  yaml = endless,
): Shape {
  return {
    name: `cancelled-${phase}`,
    async play(harness) {
      const cloud = harness.cloud('verda');
      let leave = () => {};
      const arranged = arrange(
        cloud,
        new Promise((resolve) => {
          leave = resolve;
        }),
      );
      await harness.work([cloud]);
      const run = await startJob(harness.client, job(`name: cancelled-${phase}\n${yaml}`));
      await until(async () => (await run.status()).phase === phase, phase);
      await run.cancel();
      leave();
      await arranged;
      // By the time of destroying the command has ended: there is nothing to cancel any more.
      const ended = await run.result().catch((error: unknown) => error);
      expect(ended).toMatchObject(phase === 'destroying' ? { outcome: 'succeeded' } : { kind: 'cancelled' });
      expect(cloud.left).toBe(0);
      return withInstances(run);
    },
  };
}

/** With two of them. */
function nodes(
  name: string,
  yaml: string,
  end: { readonly exitCode: number } | { readonly kind: string },
  arrange?: (cloud: FakeCloud) => void,
): Shape {
  return {
    name,
    async play(harness) {
      const cloud = harness.cloud('verda', 1);
      arrange?.(cloud);
      await harness.work([cloud, harness.cloud('tensordock', 2)]);
      const run = await startJob(harness.client, job(`name: ${name}\nresources: { nodes: 2 }\n${yaml}`));
      expect(await run.result().catch((error: unknown) => error)).toMatchObject(end);
      return withInstances(run);
    },
  };
}

function downOf(file: string): string {
  return `files: { down: [{ from: ${file}, to: ${file} }] }\n`;
}

/** Takes more than ten minutes: on a server that skips them. */
async function stuckTeardown(): Promise<readonly Execution[]> {
  const env = await startTimeSkipping();
  const rest = await playActivities(env, {
    createInstance: async () => {
      throw ApplicationFailure.nonRetryable('Sold out.', 'no-capacity', { mayHaveTakenEffect: false });
    },
    destroyInstance: async () => {
      if (activityInfo().attempt > 2) return;
      throw ApplicationFailure.create({ type: 'conflict', message: 'Not yet.', nextRetryDelay: '10m' });
    },
  });
  const workflowId = 'gpuc-default-stuck-0';
  const args = [{ instanceName: workflowId, run: workflowId, offer: offerOf('verda', 'a'), ttlSeconds: 3600 }];
  const owner = await env.client.workflow.start('instance', { workflowId, taskQueue: taskQueues.workflows, args });
  expect(await owner.result()).toMatchObject({ why: 'failed', kind: 'no-capacity' });
  const history = await owner.fetchHistory();
  await rest();
  await env.teardown();
  return [{ workflowId, runId: owner.firstExecutionRunId, history }];
}

async function writes(harness: Harness, run: JobHandle, text: string): Promise<void> {
  await until(async () => (await outputOf(harness.runs, run.id)).includes(text), `"${text}" in the output`);
}
