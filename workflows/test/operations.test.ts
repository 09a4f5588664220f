import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, freePort, startDevServer } from '@gpu-clouds/dev';
import { type JobHandle, localRunStore, parseJob, startJob } from '@gpu-clouds/jobs';
import { FakeCloud, until } from '@gpu-clouds/jobs/test';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { runWorker, type WorkerEndpoints } from '../src/worker/index.ts';
import { startSshServer, type TestSshServer } from './ssh-server.ts';

let server: DevServer;
let ssh: TestSshServer;
let folder: string;
beforeAll(async () => {
  [server, ssh] = await Promise.all([startDevServer(), startSshServer()]);
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-operations-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await ssh.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sum of the samples of a metric that carry all the instance names. */
function sum(text: string, name: string, ...instanceNames: readonly string[]): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && instanceNames.every((instanceName) => line.includes(instanceName)))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

async function startLong(client: Client): Promise<JobHandle> {
  const run = await startJob(
    client,
    parseJob('name: long\nresources: { vendors: [verda] }\ncommand: sleep 600\n', '/job.yaml'),
  );
  await until(async () => (await run.status()).phase === 'running', 'the command');
  return run;
}

it('a worker serves its health, and metrics of outcomes, durations, costs, and vendor calls', async () => {
  const cloud = new FakeCloud('verda', [{ pricePerHour: 360 }], ssh.address, ({ publicKey }) =>
    ssh.allowed.add(publicKey),
  );
  const broken = new FakeCloud('tensordock', [{ pricePerHour: 1 }], ssh.address);
  broken.faults.create = ['no-capacity'];
  const stop = new AbortController();
  vi.stubEnv('TEMPORAL_ADDRESS', server.address);
  let endpoints: WorkerEndpoints = {};
  const running = runWorker({
    clouds: new Map([cloud, broken].map((each) => [each.vendor, each])),
    masterSecret: 'a master secret of the tests',
    runs: localRunStore(folder),
    timing: { consistencyWindowMs: 600, pollIntervalMs: 50, watchIntervalMs: 100 },
    workflowBundle: { codePath: inject('workflowBundle') },
    metrics: { port: await freePort() },
    health: { port: 0 },
    signal: stop.signal,
    shutdownGraceMs: 3000,
    onReady: (ready) => {
      endpoints = ready;
    },
  });
  const { healthUrl = '', metricsUrl = '' } = await until(() =>
    endpoints.healthUrl === undefined ? undefined : endpoints,
  );
  expect((await fetch(healthUrl)).status).toBe(200);
  expect((await fetch(new URL('/other', healthUrl))).status).toBe(404);

  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  await (await startJob(client, parseJob('name: measured\ncommand: "true"\n', '/job.yaml'))).result();
  const dear = await startJob(
    client,
    parseJob('name: dear\nlimits: { maxPricePerHour: 0.01 }\ncommand: "true"\n', '/j'),
  );
  await expect(dear.result()).rejects.toMatchObject({ kind: 'no-offer' });
  const metrics = await until(async () => {
    const text = await (await fetch(metricsUrl)).text();
    return sum(text, 'gpu_clouds_runs_total') >= 2 ? text : undefined;
  }, 'the metrics of both runs');

  expect(sum(metrics, 'gpu_clouds_runs_total', 'outcome="succeeded"', 'kind="none"')).toBe(1);
  expect(sum(metrics, 'gpu_clouds_runs_total', 'outcome="failed"', 'kind="no-offer"')).toBe(1);
  expect(sum(metrics, 'gpu_clouds_phase_seconds_count', 'phase="running"')).toBe(1);
  expect(sum(metrics, 'gpu_clouds_instance_dollars_sum', 'vendor="verda"')).toBeGreaterThan(0);
  expect(sum(metrics, 'gpu_clouds_instance_dollars_sum', 'vendor="tensordock"')).toBe(0);
  const calls = (...instanceNames: string[]) => sum(metrics, 'gpu_clouds_vendor_calls_total', ...instanceNames);
  expect(calls('vendor="verda"', 'operation="createInstance"', 'status="ok"')).toBe(1);
  expect(calls('vendor="tensordock"', 'operation="createInstance"', 'status="no-capacity"')).toBe(1);
  expect(metrics).toMatch(/gpu_clouds_stuck_teardowns.* 0/);
  expect(metrics).toMatch(/gpu_clouds_instances\{.*vendor="verda".* 0/);
  expect(metrics).toContain('temporal_');

  const cancelled = await startLong(client);
  await cancelled.cancel();
  await expect(cancelled.result()).rejects.toMatchObject({ kind: 'cancelled' });
  await until(
    async () => sum(await (await fetch(metricsUrl)).text(), 'gpu_clouds_runs_total', 'outcome="cancelled"') === 1,
  );

  // A command that runs on holds the shutdown open, with which the health ends at once.
  await startLong(client);
  stop.abort();
  expect((await fetch(healthUrl)).status).toBe(503);
  await running;
  await connection.close();
});
