import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createClouds } from '@gpu-clouds/clouds';
import { startJob } from '@gpu-clouds/jobs';
import { noise } from '@gpu-clouds/jobs/test';
import { openJobBucket } from '@gpu-clouds/jobs/worker';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Harness, job, outputOf } from '../harness.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

let server: S3Server;
let client: S3Client;
let harness: Harness;
let simulators: Simulators;
let endpoints: Awaited<ReturnType<Simulators['listen']>>;
beforeAll(async () => {
  server = await startS3Server(inject('s3Server'));
  const { endpoint, credentials } = server;
  client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  harness = await Harness.start();
  simulators = createSimulators({ bootSeconds: 0.2 });
  endpoints = await simulators.listen();
});
afterEach(() => harness.rest());
afterAll(async () => {
  await harness.close();
  await simulators.close();
  await server.close();
});

const aws = () => ({
  AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
  AWS_ENDPOINT_URL_S3: server.endpoint,
});

function work(buckets = server.bucket) {
  const cloudEnv = Object.assign({}, ...Object.values(endpoints).map((endpoint) => endpoint.env));
  const { clouds } = createClouds({ env: cloudEnv });
  const env = { ...aws(), GPU_CLOUDS_JOB_BUCKETS: buckets };
  const timing = { consistencyWindowMs: 1000, pollIntervalMs: 200, watchIntervalMs: 500, bootTimeoutMs: 12_000 };
  return harness.work([...clouds.values()], {}, timing, { env });
}

const put = (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket: server.bucket, Key, Body }));
const textAt = async (Key: string) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: server.bucket, Key }));
  return Body?.transformToString();
};

it('two nodes with containers get objects and send files by links that are kept nowhere', async () => {
  await work();
  const large = noise(3_000_000);
  await put('sets/a/one', Buffer.from('1'));
  await put("sets/a/deep/it's two", large);
  await put('sets/a-private/never', Buffer.from('never'));
  await put('single.bin', Buffer.from('single'));
  const yaml = `name: buckets
resources: { nodes: 2 }
container: { image: "nvcr.io/nvidia/pytorch:25.10-py3" }
files:
  up:
    - { from: "s3://${server.bucket}/sets/a", to: data }
    - { from: "s3://${server.bucket}/single.bin", to: data/ }
  down:
    - { from: out, to: "s3://${server.bucket}/results/{run}" }
    - { from: log, to: "s3://${server.bucket}/logs/" }
    - { from: log, to: log }
    - { from: large, to: "s3://${server.bucket}/large" }
command: |
  (cd data; find . -type f | sort)
  mkdir -p out/in; echo "node $GPU_CLOUDS_NODE_RANK" > out/in/x; wc -c < "data/deep/it's two" > out/size
  echo logged > log
  head -c 70000000 /dev/zero | tr '\\0' "$GPU_CLOUDS_NODE_RANK" > large
`;
  const run = await startJob(harness.client, job(yaml));
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', failures: [], outputs: ['node-0/log', 'node-1/log'] });
  expect(await outputOf(harness.runs, run.id)).toContain("./deep/it's two\n./one\n./single.bin\n");
  const results = `results/${run.id}`;
  expect(result.sent).toEqual([
    { to: `s3://${server.bucket}/${results}/node-0`, files: 2, bytes: 15 },
    { to: `s3://${server.bucket}/logs/node-0/log`, files: 1, bytes: 7 },
    { to: `s3://${server.bucket}/large/node-0/large`, files: 1, bytes: 70_000_000 },
    { to: `s3://${server.bucket}/${results}/node-1`, files: 2, bytes: 15 },
    { to: `s3://${server.bucket}/logs/node-1/log`, files: 1, bytes: 7 },
    { to: `s3://${server.bucket}/large/node-1/large`, files: 1, bytes: 70_000_000 },
  ]);
  expect(await textAt(`${results}/node-1/in/x`)).toBe('node 1\n');
  expect((await textAt(`${results}/node-0/size`))?.trim()).toBe(String(large.length));
  // It came in parts, of which none is left.
  expect(await textAt('large/node-1/large')).toBe('1'.repeat(70_000_000));
  expect((await client.send(new ListMultipartUploadsCommand({ Bucket: server.bucket }))).Uploads ?? []).toEqual([]);
  const history = historyToJSON(await harness.client.workflow.getHandle(run.id).fetchHistory());
  const payloads = [...history.matchAll(/"data": ?"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
  const texts = [history, ...payloads.map(String), ...(await textsBelow(harness.runs.location(run.id)))].join('\n');
  expect(texts).toContain(`${server.bucket}/sets/a`);
  for (const secret of ['X-Amz-Signature', server.credentials.secretAccessKey]) expect(texts).not.toContain(secret);
});

it.each([
  ['sets/none', 'There is no object at s3://runs-of-a-test/sets/none.'],
  ['bad', 'The name of s3://runs-of-a-test/bad/x\\nz cannot be the name of a file. Rename the object.'],
])('a source that cannot be used fails the job before anything is rented: %s', async (prefix, message) => {
  await work();
  await put('bad/x\nz', Buffer.from('x'));
  const created = simulators.ledger().instances.length;
  const yaml = `name: none\nfiles: { up: [{ from: "s3://${server.bucket}/${prefix}", to: x }] }\ncommand: "true"\n`;
  const run = await startJob(harness.client, job(yaml));
  await expect(run.result()).rejects.toMatchObject({ kind: 'input-refused', message });
  expect(simulators.ledger().instances).toHaveLength(created);
});

it('a bucket that does not exist fails the job before anything is rented', async () => {
  await work('nothing-here');
  const yaml = 'name: none\nfiles: { up: [{ from: "s3://nothing-here/x", to: x }] }\ncommand: "true"\n';
  const run = await startJob(harness.client, job(yaml));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'input-refused',
    message: expect.stringContaining('There is no S3 bucket "nothing-here"'),
  });
});

it('parts that were sent by links become one object, once, even if the answer to that was lost', async () => {
  const bucket = await openJobBucket(server.bucket, aws());
  const upload = await bucket.beginUpload('parts/x');
  const parts = [noise(5 * 1024 ** 2), noise(10)];
  for (const [index, body] of parts.entries()) {
    const { status } = await fetch(await bucket.linkToPutPart('parts/x', upload, index + 1), { method: 'PUT', body });
    expect(status).toBe(200);
  }
  const size = 5 * 1024 ** 2 + 10;
  for (const _ of ['first', 'second']) await bucket.completeUpload('parts/x', upload, size);
  expect((await bucket.list('parts/', 2)[Symbol.asyncIterator]().next()).value).toMatchObject({ key: 'parts/x', size });
  await expect(bucket.completeUpload('parts/x', upload, size + 1)).rejects.toThrow('has 5242890 of 5242891 bytes.');
});

async function textsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(files.map((path) => readFile(path, 'utf8')));
}
