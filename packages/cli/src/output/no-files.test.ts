import type { JobStatus } from '@gpu-clouds/jobs';
import { expect, test } from 'vitest';
import { exitCodeOfError } from '../cli-error.ts';
import { noFilesNote, type RunWithoutFiles } from './no-files.ts';

const running: JobStatus = {
  id: 'train',
  name: 'train',
  nodes: 1,
  phase: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  phaseSince: '2026-01-01T00:00:00.000Z',
  elapsedSeconds: 0.2,
  costSoFar: 0,
  instances: [],
  activeInstances: [],
  failures: [],
};
const finished: JobStatus = { ...running, phase: 'finished', outcome: 'succeeded' };

test('a run that has ended without files is no error', () => {
  expect(noFilesNote('train', { status: finished })).toBe('train has ended and brought back no files.');
});

test('a run without files in the run store names the bucket that it sent files to', () => {
  const result = { outputs: [], sent: [{ to: 's3://results/train', files: 2, bytes: 9 }] };
  expect(noFilesNote('train', { status: finished, result })).toBe(
    'train has ended and brought back no files. It sent files to s3://results/train.',
  );
});

test.each<[string, RunWithoutFiles, string, number]>([
  ['does not exist', { temporal: 'no such run' }, 'There is no run "train". Run "gpu-clouds ps --all"', 3],
  ['may exist', { temporal: 'unreachable' }, 'Either the run has none or has not ended, or GPU_CLOUDS_RUNS differs', 3],
  ['still runs', { status: running }, 'train has not ended: running. Its files come back at its end. Wait', 1],
  [
    'has its files in another store',
    { status: finished, result: { outputs: ['a', 'b'] } },
    "lacks the 2 files that train brought back. Set GPU_CLOUDS_RUNS to the same value as the worker's",
    1,
  ],
])('outputs fails for a run that %s', (_, run, message, exitCode) => {
  const failure = (): unknown => {
    try {
      return noFilesNote('train', run);
    } catch (error) {
      return error;
    }
  };
  const error = failure();
  expect(error).toMatchObject({ message: expect.stringContaining(message) });
  expect(exitCodeOfError(error)).toBe(exitCode);
});
