import { fileURLToPath } from 'node:url';
import { encryptedDataConverter } from '@gpu-clouds/jobs/codec';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { GpuCloudsPlugin } from '../src/plugin/index.ts';
import { Harness, job, masterSecret, outputOf, quick } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

it('a foreign worker with the plugin runs its own workflows and the jobs that they start', async () => {
  const cloud = harness.cloud('verda');
  const plugin = new GpuCloudsPlugin({
    clouds: new Map([[cloud.vendor, cloud]]),
    fleet: 'default',
    masterSecret,
    runs: harness.runs,
    timing: quick,
    workflowBundle: { codePath: inject('workflowBundle') },
    shutdownGraceMs: 1000,
  });
  const connection = await NativeConnection.connect({ address: harness.server.address });
  const worker = await Worker.create({
    connection,
    taskQueue: 'somebody-elses',
    workflowsPath: fileURLToPath(new URL('./foreign-workflows.ts', import.meta.url)),
    plugins: [plugin],
  });
  const report = await worker.runUntil(
    harness.client.workflow.execute('trainAndReport', {
      taskQueue: 'somebody-elses',
      workflowId: 'theirs',
      args: [job('name: model\ncommand: echo trained\n')],
    }),
  );
  await connection.close();
  expect(report).toBe('model succeeded on RTX A6000');
  expect(await outputOf(harness.runs, 'theirs-training')).toBe('trained\n');
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('clients and workers with the plugin use the same encryption', () => {
  const dataConverter = encryptedDataConverter([{ id: 'test', key: new Uint8Array(32) }]);
  const plugin = new GpuCloudsPlugin({ clouds: new Map(), masterSecret, dataConverter });
  expect(plugin.configureClient({}).dataConverter).toEqual(dataConverter);
  expect(plugin.configureWorker({ taskQueue: 'theirs' }).dataConverter).toEqual(dataConverter);
});
