import { expect, it } from 'vitest';
import { instanceJob } from '../../test/index.ts';
import { JobError, parseJob } from './parse-job.ts';
import { bucketPlaceFor, fileTarget, isSafeName } from './remote-file.ts';

const sha256 = 'a'.repeat(64);

function issuesOf(files: object): readonly string[] {
  try {
    parseJob(JSON.stringify({ name: 'train', command: 'true', files }), 'job.yaml');
  } catch (error) {
    if (error instanceof JobError) return error.issues;
    throw error;
  }
  return [];
}

it('URLs of files stay as they are beside files of the folder', () => {
  const up = [
    { from: 'https://example.org/w.bin', sha256, to: 'w.bin' },
    { from: 's3://data/set', to: 'data' },
  ];
  const down = [{ from: 'model', to: 's3://results/{run}/model' }];
  const text = JSON.stringify({ name: 'train', command: 'true', files: { up, down } });
  expect(instanceJob(text).files).toEqual({ up, down });
  const mixed = JSON.stringify({ name: 'train', command: 'true', files: { up: [...up, { from: 'src', to: 'src' }] } });
  expect(instanceJob(mixed, '/jobs/job.yaml').files).toMatchObject({
    folder: '/jobs',
    up: [...up, { from: '/jobs/src', to: 'src' }],
  });
});

it.each([
  [{ from: 'http://example.org/x', sha256, to: 'x' }, 'from: must begin with https:// or s3://'],
  [{ from: 'gs://bucket/x', to: 'x' }, 'from: must begin with https:// or s3://'],
  [{ from: 'https://', sha256, to: 'x' }, 'from: is not a valid URL'],
  [
    { from: 'https://me:pw@example.org/x', sha256, to: 'x' },
    'from: must not contain credentials, because jobs are stored. Remove user and password, or download the file in setup with a variable of secrets',
  ],
  [
    { from: 'https://b.s3.amazonaws.com/x?X-Amz-Signature=ab', sha256, to: 'x' },
    'from: must not contain credentials, because jobs are stored. Remove X-Amz-Signature, or download the file in setup with a variable of secrets',
  ],
  [{ from: 'https://example.org/x', to: 'x' }, 'sha256: is missing. Get it with: curl -L <from> | sha256sum'],
  [
    { from: 'https://example.org/x', sha256: 'AB', to: 'x' },
    'sha256 is "AB": write 64 hexadecimal digits in lower case, as sha256sum prints them',
  ],
  [{ from: 's3://data/x', sha256, to: 'x' }, 'sha256: applies to https:// only; remove it'],
  [{ from: 'src', sha256, to: 'x' }, 'sha256: applies to https:// only; remove it'],
  [
    { from: 's3://x', to: 'x' },
    'from: must be s3:// and the name of a bucket, with or without a prefix: s3://bucket/prefix',
  ],
  [
    { from: 's3://data/a/../b', to: 'x' },
    'from: must not have empty names, ".", "..", or control characters in its prefix',
  ],
  [{ from: 's3://data/a', to: '/etc' }, "to: must be relative to the user's home, without a leading / and without .."],
  [
    { from: 's3://data/a', to: 'a/../../b' },
    "to: must be relative to the user's home, without a leading / and without ..",
  ],
])('files.up refuses %j', (entry, message) => {
  expect(issuesOf({ up: [entry] })).toEqual([`files.up[0].${message}`]);
});

it.each([
  ['https://example.org/x', 'must be s3:// and the name of a bucket, with or without a prefix: s3://bucket/prefix'],
  ['s3://{run}/x', 'must be s3:// and the name of a bucket, with or without a prefix: s3://bucket/prefix'],
  ['s3://data//x', 'must not have empty names, ".", "..", or control characters in its prefix'],
])('files.down refuses %s', (to, message) => {
  expect(issuesOf({ down: [{ from: 'x', to }] })).toEqual([`files.down[0].to: ${message}`]);
});

it('two outputs with the same place in a bucket are refused', () => {
  const down = [
    { from: 'a', to: 's3://data/x' },
    { from: 'b', to: 's3://data/x/y' },
  ];
  expect(issuesOf({ down })).toEqual([
    'files.down[1].to: conflicts with files.down[0]; give each entry a separate destination',
  ]);
});

it.each([
  ['a/b.bin', true],
  ['../a', false],
  ['a/./b', false],
  ['a//b', false],
  ['/a', false],
  ['a/', false],
  ['a\nb', false],
  ['', false],
])('the name %j leads to a file of any folder: %s', (name, safe) => {
  expect(isSafeName(name)).toBe(safe);
});

it.each([
  ['https://example.org/a/w%20x.bin?v=1', 'models/', 'models/w x.bin'],
  ['https://example.org/a/..%2F..%2Fx', 'models/', 'models/..%2F..%2Fx'],
  ['https://example.org/', 'models/', 'models/index.html'],
  ['https://example.org/a.bin', 'models/b.bin', 'models/b.bin'],
])('%s goes with to: %s to %s', (from, to, target) => {
  expect(fileTarget(from, to)).toBe(target);
});

it('{run} in the place of an output stands for the run', () => {
  expect(bucketPlaceFor('s3://data/x/{run}/', 'train-1')).toEqual({ bucket: 'data', key: 'x/train-1/' });
});
