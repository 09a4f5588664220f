import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { startJob, taskQueues } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { temporal } from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createWorkers, type WorkerGroup, workerDeploymentName } from '../src/worker/index.ts';
import { Harness, job, masterSecret, outputOf, quick } from './harness.ts';

let harness: Harness;
let native: NativeConnection;
const running: { readonly group: WorkerGroup; readonly ended: Promise<void> }[] = [];
beforeAll(async () => {
  harness = await Harness.start();
  native = await NativeConnection.connect({ address: harness.server.address });
});
afterAll(async () => {
  for (const { group } of running) group.shutdown();
  await Promise.all(running.map(({ ended }) => ended));
  await native.close();
  await harness.close();
});

async function work(buildId: string, cloud: FakeCloud): Promise<void> {
  const group = await createWorkers(native, {
    fleet: 'default',
    clouds: new Map([[cloud.vendor, cloud]]),
    masterSecret,
    runs: harness.runs,
    timing: quick,
    workflowBundle: { codePath: inject('workflowBundle') },
    shutdownGraceMs: 1000,
    buildId,
  });
  running.push({ group, ended: group.run() });
  await becomesCurrent(buildId);
}

/** Refused until the workers of the version have asked for tasks. */
async function becomesCurrent(buildId: string): Promise<void> {
  const { workflowService } = harness.client;
  await until(
    () =>
      workflowService
        .setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName: workerDeploymentName, buildId })
        .then(
          () => true,
          () => false,
        ),
    `version ${buildId}`,
  );
}

async function versionOf(id: string) {
  const { raw } = await harness.client.workflow.getHandle(id).describe();
  const info = raw.workflowExecutionInfo?.versioningInfo;
  return {
    behavior: temporal.api.enums.v1.VersioningBehavior[info?.behavior ?? 0],
    buildId: info?.deploymentVersion?.buildId,
  };
}

it('runs and their instances keep the worker version that they started on', async () => {
  const cloud = harness.cloud('verda');
  await work('one', cloud);
  const go = join(harness.folder, 'go');
  const early = await startJob(
    harness.client,
    job(`name: early\ncommand: echo started; until [ -e ${go} ]; do sleep 0.1; done\n`),
  );
  await until(async () => (await outputOf(harness.runs, early.id)).includes('started'));
  await work('two', cloud);
  const late = await startJob(harness.client, job('name: late\ncommand: "true"\n'));
  await late.result();
  await writeFile(go, '');
  await early.result();
  expect(await versionOf(early.id)).toEqual({ behavior: 'VERSIONING_BEHAVIOR_PINNED', buildId: 'one' });
  expect(await versionOf(ownerIdOf((await early.status()).instances[0]?.instanceName ?? ''))).toMatchObject({
    buildId: 'one',
  });
  expect(await versionOf(late.id)).toEqual({ behavior: 'VERSIONING_BEHAVIOR_PINNED', buildId: 'two' });

  const workflowId = `reap-${randomUUID()}`;
  const args = [{ fleet: 'default' }];
  await harness.client.workflow.execute('reapOrphans', { workflowId, taskQueue: taskQueues.workflows, args });
  expect(await versionOf(workflowId)).toEqual({ behavior: 'VERSIONING_BEHAVIOR_AUTO_UPGRADE', buildId: 'two' });
  expect(cloud.left).toBe(0);
});
