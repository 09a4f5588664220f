import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceOrder } from '@gpu-clouds/clouds';
import { CloudError, ownerIdOf, type SshAddress } from '@gpu-clouds/clouds/pure';
import { startDevServer } from '@gpu-clouds/dev';
import { type ListedJob, listJobStatuses, listJobs, localRunStore, parseJob, startJob } from '@gpu-clouds/jobs';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { fastRead, type TemporalReader } from '@gpu-clouds/jobs/read';
import { FakeCloud } from '@gpu-clouds/jobs/test';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorkers } from '../src/worker/index.ts';
import { startSshServer, type TestSshServer } from './ssh-server.ts';

const planted = {
  env: 'planted-in-env-5172',
  secret: 'planted-in-secret-5172',
  command: 'planted-in-command-5172',
  cloudFailure: 'planted-in-cloud-5172',
  master: 'planted-in-master-5172',
};
const yaml = `name: planted
resources: { vendors: [verda] }
env: { PLAIN: ${planted.env} }
secrets: [API_TOKEN]
setup: test -n "$API_TOKEN"
command: echo ${planted.command} "$API_TOKEN" "$PLAIN"; false
`;
const codecKeys = `2026:${Buffer.alloc(32, 9).toString('base64')}`;

const logged: string[] = [];
Runtime.install({
  logger: new DefaultLogger('DEBUG', (entry) => logged.push(`${entry.message} ${JSON.stringify(entry.meta)}`)),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'INFO' }), forward: {} } },
});

let folder: string;
let ssh: TestSshServer;
beforeEach(async () => {
  logged.splice(0);
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-codec-'));
  ssh = await startSshServer();
});
afterEach(async () => {
  await ssh.close();
  await rm(folder, { recursive: true, force: true });
});

/** Refuses with a message of its own: what a cloud says may quote what it was sent. */
class TalkativeCloud extends FakeCloud {
  constructor(address: SshAddress) {
    super('tensordock', [{}], address);
  }

  override async createInstance(_order: InstanceOrder): Promise<{ readonly id: string }> {
    throw new CloudError(`It said ${planted.cloudFailure}.`, {
      kind: 'invalid',
      vendor: 'tensordock',
      operation: 'createInstance',
      mayHaveTakenEffect: false,
    });
  }
}

/** Runs a job that ends and one that a cloud refuses, and answers with all that Temporal and the logs got to see of them. */
async function whatWasSeen(dataConverter: DataConverter) {
  const server = await startDevServer({ dbFile: join(folder, 'temporal.db') });
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const cloud = new FakeCloud('verda', [{}], ssh.address, ({ publicKey }) => ssh.allowed.add(publicKey));
  const workers = await createWorkers(native, {
    clouds: new Map([cloud, new TalkativeCloud(ssh.address)].map((each) => [each.vendor, each])),
    masterSecret: planted.master,
    runs: localRunStore(join(folder, 'runs')),
    secrets: () => planted.secret,
    timing: { consistencyWindowMs: 600, pollIntervalMs: 50, watchIntervalMs: 100 },
    dataConverter,
  });
  const running = workers.run();
  const client = new Client({ connection, dataConverter });
  const run = await startJob(client, parseJob(yaml, '/job.yaml'));
  const result = await run.result();
  const refused = await startJob(client, parseJob(yaml.replace('verda', 'tensordock'), '/job.yaml'));
  const refusal = await refused.result().catch((error: unknown) => error);
  const instanceName = (await run.status()).instances[0]?.instanceName ?? '';
  const plain = new Client({ connection });
  const histories: string[] = [];
  for (const id of [run.id, ownerIdOf(instanceName), refused.id]) {
    histories.push(bytesOf(await plain.workflow.getHandle(id).fetchHistory()));
  }
  const names: string[] = [];
  for await (const { name } of listJobs(client)) names.push(name);
  const statuses = await statusesWith(client);
  const fastStatuses = await fastRead(
    { connection: { address: server.address }, payloadCodecs: dataConverter.payloadCodecs },
    statusesWith,
  );
  workers.shutdown();
  await running;
  await native.close();
  await connection.close();
  await server.close();
  return {
    result,
    refusal,
    names,
    statuses,
    fastStatuses,
    history: histories.join('\n'),
    database: await filesOf(folder, 'temporal.db'),
    logs: logged.join('\n'),
  };
}

async function statusesWith(reader: TemporalReader): Promise<readonly ListedJob[]> {
  const jobs: ListedJob[] = [];
  for await (const job of listJobStatuses(reader)) jobs.push(job);
  return jobs;
}

/** As bytes, the way they are stored. */
function bytesOf(history: temporal.api.history.v1.IHistory): string {
  return Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
}

async function filesOf(path: string, prefix: string): Promise<string> {
  const names = (await readdir(path)).filter((name) => name.startsWith(prefix));
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'latin1')));
  return texts.join('\n');
}

function foundIn(seen: Readonly<Record<string, string>>): string[] {
  return Object.entries(seen).flatMap(([place, text]) =>
    Object.entries({ ...planted, codecKey: codecKeys.slice(5) })
      .filter(([, value]) => text.includes(value) || text.includes(Buffer.from(value).toString('base64').slice(0, -4)))
      .map(([name]) => `${name} in ${place}`),
  );
}

it('with the codec, histories, logs, and the database hold no plain text, and clients can read everything', async () => {
  const { result, refusal, names, statuses, fastStatuses, ...seen } = await whatWasSeen(
    dataConverterFromEnv({ GPU_CLOUDS_CODEC_KEYS: codecKeys }),
  );
  expect(foundIn(seen)).toEqual([]);
  expect(seen.history).toContain('Encoded failure');
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 });
  expect(refusal).toMatchObject({ kind: 'invalid', message: `It said ${planted.cloudFailure}.` });
  expect(names).toEqual(['planted', 'planted']);
  expect(statuses).toHaveLength(2);
  expect(fastStatuses?.value).toEqual(statuses);
});

it("without the codec, histories and the database hold the job's plain text but no secrets", async () => {
  const { history, database, logs } = await whatWasSeen({});
  expect(foundIn({ history, database, logs })).toEqual([
    'env in history',
    'command in history',
    'cloudFailure in history',
    'env in database',
    'command in database',
    'cloudFailure in database',
  ]);
});
