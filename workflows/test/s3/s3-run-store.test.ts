import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { openRunStore } from '@gpu-clouds/jobs';
import { s3RunStore } from '@gpu-clouds/jobs/s3';
import { bytesOf, content, inPieces, noise, storeContract } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type S3Server, startS3Server } from './s3-server.ts';

const mib = 1024 * 1024;
let server: S3Server;
let client: S3Client;
beforeAll(async () => {
  server = await startS3Server(inject('s3Server'));
  const { endpoint, credentials } = server;
  client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
});
afterAll(() => server.close());

const open = (prefix = 'team/runs') => s3RunStore({ ...server, prefix });
const keysOf = async (prefix: string) => {
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: server.bucket, Prefix: prefix }));
  return (Contents ?? []).map(({ Key }) => Key);
};
const begunUploads = async () => {
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: server.bucket }));
  return (Uploads ?? []).map(({ Key }) => Key);
};

describe('a bucket of an S3 server', () => {
  storeContract(() => open());
});

describe('a bucket without a prefix', () => {
  it('has the runs at its top', async () => {
    const runs = open('');
    await runs.putFile('at-the-top', 'outputs/x', content('x'));
    expect(await keysOf('at-the-top')).toEqual(['at-the-top/outputs/x']);
    expect(runs.location('at-the-top')).toBe(`s3://${server.bucket}/at-the-top`);
  });
});

it('output that comes in many small pieces is one object per MiB', async () => {
  const runs = open();
  const all = noise(2 * mib + 100_000);
  const step = Math.ceil(all.length / 200);
  for (let at = 0; at < all.length; at += step) {
    await runs.writeOutput({ run: 'pieces', node: 0 }, at, all.subarray(at, at + step));
  }
  const keys = await keysOf('team/runs/pieces/');
  expect(keys.map((key) => key?.replace(/.*\./, ''))).toEqual([
    `${2 * mib}-${all.length}`,
    `${mib}-${2 * mib}`,
    `0-${mib}`,
  ]);
});

it('a file that is not whole leaves no parts behind', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* inPieces(noise(40 * mib), mib);
    throw new Error('The instance is gone.');
  }
  await expect(open().putFile('parts', 'outputs/x', broken())).rejects.toThrow('The instance is gone.');
  expect(await begunUploads()).toEqual([]);
});

it('parts that a dead worker left are removed by who stores the file again', async () => {
  const key = { Bucket: server.bucket, Key: 'team/runs/dead/checkpoints/1.tar' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(key));
  await client.send(new UploadPartCommand({ ...key, UploadId, PartNumber: 1, Body: noise(5 * mib) }));
  expect(await begunUploads()).toEqual([key.Key]);
  const bytes = noise(17 * mib);
  await open().putFile('dead', 'checkpoints/1.tar', inPieces(bytes, mib));
  expect(await begunUploads()).toEqual([]);
  expect((await bytesOf(open().readFile('dead', 'checkpoints/1.tar'))).equals(bytes)).toBe(true);
});

describe('what is wrong is told in one sentence', () => {
  it('no such bucket', async () => {
    const runs = s3RunStore({ ...server, bucket: 'no-such-bucket' });
    await expect(runs.check()).rejects.toThrow(
      `There is no S3 bucket "no-such-bucket" at S3 at ${server.endpoint}. Create it, or change GPU_CLOUDS_RUNS.`,
    );
    await expect(runs.outputSize({ run: 'x', node: 0 })).rejects.toThrow('There is no S3 bucket');
  });

  it('a wrong secret, which is not told', async () => {
    const credentials = { ...server.credentials, secretAccessKey: 'a secret that is wrong' };
    const refused = s3RunStore({ ...server, credentials }).check();
    await expect(refused).rejects.toThrow('does not accept the credentials (SignatureDoesNotMatch)');
    await expect(refused).rejects.not.toThrow('a secret that is wrong');
  });

  it('an unknown key', async () => {
    const credentials = { ...server.credentials, accessKeyId: 'nobody' };
    const refused = s3RunStore({ ...server, credentials }).check();
    await expect(refused).rejects.toThrow('does not accept the credentials ');
  });

  it('nobody at the endpoint', async () => {
    const runs = s3RunStore({ ...server, endpoint: 'http://127.0.0.1:9' });
    await expect(runs.check()).rejects.toThrow('S3 at http://127.0.0.1:9 does not answer (ECONNREFUSED)');
  });

  it('a name that is too long for S3, which no retry mends', async () => {
    const long = open().putFile('long', `outputs/${'n'.repeat(1100)}`, content('x'));
    await expect(long).rejects.toMatchObject({ name: 'RunStoreError', lasting: true });
  });

  it.each(['gs://bucket/runs', 's3://', 's3:///runs', 's3://bucket/runs?x=1'])('%s is no place', async (place) => {
    await expect(openRunStore(place, {})).rejects.toThrow(
      `Runs cannot be kept at ${place}. Use a folder or s3://bucket`,
    );
  });
});
