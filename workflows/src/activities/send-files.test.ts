import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type FileServer, startFileServer, type Trouble } from '../../test/file-server.ts';
import { mockActivity } from '../../test/mock-activity.ts';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { openSession } from '../ssh/ssh-session.ts';
import type { SendInput, Sent } from './contract.ts';
import { createActivities } from './create-activities.ts';

const masterSecret = 'sixteen characters';
let ssh: TestSshServer;
let hostKey: string;
let server: FileServer;
let puts: Map<string, Buffer>;
let trouble: Trouble = () => false;
let instances = 0;
beforeAll(async () => {
  ssh = await startSshServer();
  puts = new Map();
  server = await startFileServer(Buffer.alloc(0), { tls: false, puts, trouble: (...each) => trouble(...each) });
  await mkdir(join(ssh.home, 'model/in'), { recursive: true });
  await writeFile(join(ssh.home, 'model/in/a b'), '12345');
  await writeFile(join(ssh.home, 'model/c'), '1');
});
afterEach(() => {
  trouble = () => false;
  puts.clear();
});
afterAll(async () => {
  await server.close();
  await ssh.close();
});

/** Sends files of a new instance to a server that stands for S3. */
async function send(files: SendInput['files'], node?: number): Promise<Sent> {
  const instanceName = `sends-${++instances}`;
  const { publicKey, privateKey } = deriveSshKey(masterSecret, instanceName);
  ssh.allowed.add(publicKey);
  const session = await openSession({ address: ssh.address, privateKey });
  hostKey = session.hostKey;
  session.close();
  const env = {
    AWS_ACCESS_KEY_ID: 'an-access-key',
    AWS_SECRET_ACCESS_KEY: 'a-secret-key',
    AWS_ENDPOINT_URL_S3: server.url,
    GPU_CLOUDS_JOB_BUCKETS: 'results',
  };
  const { follow } = createActivities({
    fleet: 'default',
    clouds: new Map(),
    masterSecret,
    env,
    timing: { transferPauseMs: 1 },
  });
  const instance = { instanceName, ssh: ssh.address, hostKey };
  return mockActivity().run(follow.sendFiles, { run: 'train-1', node, instance, secrets: [], files });
}

/** Keys and contents of what was put. */
const stored = () =>
  Object.fromEntries([...puts].map(([url, content]) => [url.replace(/\?.*/, ''), content.toString()]));

it.each([
  ['s3://results/{run}', '/results/train-1', 's3://results/train-1', undefined],
  ['s3://results/all/', '/results/all/model', 's3://results/all/model', undefined],
  ['s3://results', '/results/model', 's3://results/model', undefined],
  ['s3://results/all', '/results/all/node-3', 's3://results/all/node-3', 3],
])('a folder that goes to %s is at %s', async (to, at, place, node) => {
  expect(await send([{ from: 'model', to }], node)).toEqual({ sent: [{ to: place, files: 2, bytes: 6 }], missing: [] });
  expect(stored()).toEqual({ [`${at}/in/a%20b`]: '12345', [`${at}/c`]: '1' });
});

it.each([
  ['s3://results/c.bin', '/results/c.bin', undefined],
  ['s3://results/all/', '/results/all/c', undefined],
  ['s3://results', '/results/c', undefined],
  ['s3://results/all', '/results/all/node-3/c', 3],
])('a file that goes to %s is at %s', async (to, at, node) => {
  const { sent } = await send([{ from: './model/c', to }], node);
  expect(sent).toEqual([{ to: `s3:/${at}`, files: 1, bytes: 1 }]);
  expect(stored()).toEqual({ [at]: '1' });
});

it('a file that the instance does not have is missing, and others are sent', async () => {
  const files = [
    { from: 'none', to: 's3://results/none' },
    { from: 'model/c', to: 's3://results/c' },
  ];
  expect(await send(files)).toEqual({ sent: [{ to: 's3://results/c', files: 1, bytes: 1 }], missing: ['none'] });
});

it('a bucket that refuses a file with a new link too fails the run without the link in the message', async () => {
  trouble = (_, response) => {
    response.writeHead(403).end();
    return true;
  };
  await expect(send([{ from: 'model/c', to: 's3://results/c' }])).rejects.toMatchObject({
    type: 'output-refused',
    nonRetryable: true,
    message: `model/c on sends-${instances} could not be sent to s3://results/c: HTTP status 403. Grant the worker's credentials s3:PutObject.`,
  });
});

it('a file whose name cannot be that of an object, and a bucket that is not listed, fail the run', async () => {
  await writeFile(join(ssh.home, 'model/in/tab\there'), '');
  await expect(send([{ from: 'model', to: 's3://results/x' }])).rejects.toMatchObject({
    type: 'output-refused',
    message: 'A file in model has a name that cannot be the name of an object. Rename it.',
  });
  await rm(join(ssh.home, 'model/in/tab\there'));
  await expect(send([{ from: 'model', to: 's3://private/x' }])).rejects.toMatchObject({
    type: 'invalid',
    message: expect.stringContaining('s3://private/x is not open to jobs'),
  });
});
