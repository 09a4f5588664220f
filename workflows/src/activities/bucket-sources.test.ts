import { RunStoreError } from '@gpu-clouds/jobs';
import { type BucketObject, type JobBucket, JobBucketError } from '@gpu-clouds/jobs/worker';
import { expect, it } from 'vitest';
import { objectsOf } from './bucket-sources.ts';
import type { Dependencies } from './dependencies.ts';

/** A bucket "data" with these objects. */
function bucketOf(objects: Iterable<BucketObject>): Pick<Dependencies, 'buckets'> {
  const unused = () => Promise.reject(new Error('Nothing is to be signed or sent.'));
  const bucket: JobBucket = {
    async *list(prefix, limit) {
      let left = limit;
      for (const object of objects) if (object.key.startsWith(prefix) && left-- > 0) yield object;
    },
    check: async () => true,
    linkToGet: unused,
    linkToPut: unused,
    beginUpload: unused,
    linkToPutPart: unused,
    completeUpload: unused,
    abortUpload: unused,
  };
  return { buckets: { refusal: (url) => (url.startsWith('s3://data') ? undefined : 'no'), open: async () => bucket } };
}

const named = (...keys: readonly string[]) => keys.toSorted().map((key) => ({ key, size: 1 }));
const pathsOf = async (objects: Iterable<BucketObject>, from: string, to: string) =>
  (await objectsOf(bucketOf(objects), [{ from, to }])).map(({ key, path }) => [key, path]);

it.each([
  [
    's3://data/set',
    'x',
    [
      ['set/a', 'x/a'],
      ['set/in/b', 'x/in/b'],
    ],
  ],
  [
    's3://data/set/',
    'x/',
    [
      ['set/a', 'x/a'],
      ['set/in/b', 'x/in/b'],
    ],
  ],
  ['s3://data/set/a', 'x', [['set/a', 'x']]],
  ['s3://data/set/a', 'x/', [['set/a', 'x/a']]],
  ['s3://data/set-2', 'x', [['set-2/c', 'x/c']]],
  [
    's3://data',
    '.',
    [
      ['set-2/c', './set-2/c'],
      ['set/a', './set/a'],
      ['set/in/b', './set/in/b'],
    ],
  ],
])('%s with to: %s is an object, or all objects below the prefix', async (from, to, paths) => {
  const objects = named('set/a', 'set/in/b', 'set-2/c', 'set/', 'set/in/');
  expect(await pathsOf(objects, from, to)).toEqual(paths);
});

it.each(['../../etc/passwd', 'a/../b', './a', 'a//b', '/etc/passwd', 'a\nb'])(
  'an object %j below the prefix, which could lead to another folder, fails the job',
  async (name) => {
    await expect(pathsOf(named(`set/${name}`), 's3://data/set', 'x')).rejects.toMatchObject({
      type: 'input-refused',
      nonRetryable: true,
      message: expect.stringContaining(' cannot be the name of a file. Rename the object.'),
    });
  },
);

it('an object below another object fails the job, because it cannot be both a file and a folder', async () => {
  await expect(pathsOf(named('set/a', 'set/a/b'), 's3://data/set', 'x')).rejects.toMatchObject({
    type: 'input-refused',
    message: 's3://data/set/a/b is below another object, which cannot be both a file and a folder.',
  });
});

function* many(count: number, size: number): Generator<BucketObject> {
  for (let index = 0; index < count; index++) yield { key: `set/${index}`, size };
}

it.each([
  [10_001, 1, '10000 objects'],
  [3, 1024 ** 4, '2 TiB'],
])('%i objects of %i bytes are too much for a job', async (count, size, limit) => {
  await expect(pathsOf([...many(count, size)], 's3://data/set', 'x')).rejects.toMatchObject({
    type: 'input-refused',
    message: `The job downloads more than ${limit} from S3. Split it, or pack the objects.`,
  });
});

it('ten thousand objects are not too much', async () => {
  expect(await pathsOf([...many(10_000, 1)], 's3://data/set', 'x')).toHaveLength(10_000);
});

it('a source without objects, or in a bucket that the job may not use, fails the job', async () => {
  await expect(pathsOf(named('set-2/a'), 's3://data/set', 'x')).rejects.toMatchObject({
    type: 'input-refused',
    message: 'There is no object at s3://data/set.',
  });
  await expect(pathsOf([], 's3://other/set', 'x')).rejects.toMatchObject({ type: 'invalid', message: 'no' });
});

it.each([
  [new JobBucketError('denied'), { type: 'input-refused', nonRetryable: true }],
  [new RunStoreError('a package is missing', { lasting: true }), { type: 'invalid', nonRetryable: true }],
  [new RunStoreError('does not answer'), { name: 'RunStoreError' }],
])('%o while a bucket is listed', async (error, expected) => {
  const { buckets } = bucketOf([]);
  const open = () => Promise.reject(error);
  await expect(objectsOf({ buckets: { ...buckets, open } }, [{ from: 's3://data/x', to: 'x' }])).rejects.toMatchObject(
    expected,
  );
});
