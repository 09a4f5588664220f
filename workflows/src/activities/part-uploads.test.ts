import type { JobBucket } from '@gpu-clouds/jobs/worker';
import { expect, it } from 'vitest';
import { PartUploads, partsOf } from './part-uploads.ts';

const mib = 1024 ** 2;

/** Notes its calls. */
function bucketOf(calls: string[]): JobBucket {
  const noted = (call: string) => {
    calls.push(call);
  };
  return {
    list: async function* () {},
    check: async () => true,
    linkToGet: async () => '',
    linkToPut: async (key) => `put ${key}`,
    beginUpload: async (key) => {
      noted(`begin ${key}`);
      return `upload-${calls.length}`;
    },
    linkToPutPart: async (key, upload, part) => `put ${key} ${upload} ${part}`,
    completeUpload: async (key, upload, size) => noted(`complete ${key} ${upload} ${size}`),
    abortUpload: async (key, upload) => noted(`abort ${key} ${upload}`),
  };
}

it.each([
  [65 * mib, [32, 32, 1]],
  [96 * mib, [32, 32, 32]],
])('a file of %i bytes has parts of 32 MiB', (size, sizes) => {
  expect(partsOf(size).map(({ bytes }) => bytes / mib)).toEqual(sizes);
  expect(partsOf(size).map(({ begin }) => begin)).toEqual([0, 32, 64]);
});

it('a file of 1 TiB is split into no more parts than S3 accepts, and no byte is left out', () => {
  const parts = partsOf(1024 ** 4);
  expect(parts.length).toBeLessThanOrEqual(10_000);
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(1024 ** 4);
});

it('a large file is sent in parts of one upload, which the next attempt continues', async () => {
  const calls: string[] = [];
  const bucket = bucketOf(calls);
  const files = [
    { bucket, key: 'small', label: 's3://x/small', path: 'small', size: 64 * mib },
    { bucket, key: 'large', label: 's3://x/large', path: 'large', size: 65 * mib },
  ];
  const first = new PartUploads();
  const planned = await first.all(files);
  expect(await Promise.all(planned.map(({ link }) => link()))).toEqual([
    'put small',
    'put large upload-1 1',
    'put large upload-1 2',
    'put large upload-1 3',
  ]);
  const next = new PartUploads(first.ids);
  expect((await next.all(files)).map(({ id }) => id)).toEqual(planned.map(({ id }) => id));
  await next.complete();
  expect(calls).toEqual(['begin large', `complete large upload-1 ${65 * mib}`]);
  const other = await new PartUploads().all(files);
  expect(other.slice(1).some(({ id }) => planned.some((each) => each.id === id))).toBe(false);
});

it('parts of a transfer that failed are removed, even if one call fails', async () => {
  const calls: string[] = [];
  const bucket = bucketOf(calls);
  const broken = { ...bucket, abortUpload: () => Promise.reject(new Error('denied')) };
  const uploads = new PartUploads();
  const file = { path: 'x', size: 65 * mib };
  await uploads.all([
    { ...file, bucket: broken, key: 'a', label: 'a' },
    { ...file, bucket, key: 'b', label: 'b' },
  ]);
  await uploads.abort();
  expect(calls).toEqual(['begin a', 'begin b', 'abort b upload-2']);
});
