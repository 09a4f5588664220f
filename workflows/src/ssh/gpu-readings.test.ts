import type { GpuReading } from '@gpu-clouds/jobs';
import { expect, it } from 'vitest';
import { GpuLines, readGpus } from './gpu-readings.ts';

it('a line of the follower has one reading per GPU', () => {
  expect(readGpus('gpus [45, 1024, 81920, 67;0, 3, 81920, 31;]')).toEqual([
    { utilization: 45, memoryUsed: 1024, memoryTotal: 81920, temperature: 67 },
    { utilization: 0, memoryUsed: 3, memoryTotal: 81920, temperature: 31 },
  ]);
});

it('only the GPUs of a share are read, by their place in the line', () => {
  const line = 'gpus [1, 2, 3, 4;broken;5, 6, 7, 8;9, 9, 9, 9;]';
  expect(readGpus(line, [1, 2]).map(({ utilization }) => utilization)).toEqual([5]);
});

it('what is not a plausible number is left out of a reading', () => {
  expect(readGpus('gpus [[N/A], -1, 1e9, 999;101, 0x10, 999999999999, ]')).toEqual([{}, {}]);
});

it.each([
  '',
  'exit [0]',
  'gpus []',
  'gpus [No devices were found;]',
  'gpus [1, 2, 3]',
  ' gpus [1, 2, 3, 4]',
  'gpus [1, 2, 3, 4] exit',
])('%j has no readings', (line) => {
  expect(readGpus(line)).toEqual([]);
});

it('a reading may have the largest plausible numbers', () => {
  expect(readGpus('gpus [100, 16777216, 16777216, 200;]')).toEqual([
    { utilization: 100, memoryUsed: 16_777_216, memoryTotal: 16_777_216, temperature: 200 },
  ]);
  expect(readGpus('gpus [101, 16777217, 16777217, 201;]')).toEqual([{}]);
});

it('a line that lists more GPUs than an instance can have is cut', () => {
  expect(readGpus(`gpus [${'1, 2, 3, 4;'.repeat(1000)}]`).length).toBeLessThanOrEqual(64);
});

it('samples are found in pieces of any size, and endless lines are dropped', () => {
  const samples: (readonly GpuReading[])[] = [];
  const lines = new GpuLines((gpus) => samples.push(gpus));
  for (const character of 'noise\ngpus [1, 2, 3, 4;]\nexit [0]\n') lines.push(Buffer.from(character));
  lines.push(Buffer.alloc(100_000, 'gpus ['));
  lines.push(Buffer.from('\ngpus [5, 6, 7, 8;]\n'));
  expect(samples.map(([gpu]) => gpu?.utilization)).toEqual([1, 5]);
});

it('a follower may begin with a sample', () => {
  const samples: (readonly GpuReading[])[] = [];
  new GpuLines((gpus) => samples.push(gpus)).push(Buffer.from('gpus [1, 2, 3, 4;]\n'));
  expect(samples).toHaveLength(1);
});

it('of an endless line, no more is kept than a sample can have', () => {
  const samples: (readonly GpuReading[])[] = [];
  const lines = new GpuLines((gpus) => samples.push(gpus));
  lines.push(Buffer.alloc(9000, 'x'));
  lines.push(Buffer.from('gpus [1, 2, 3, 4;]\n'));
  expect(samples).toHaveLength(1);
});
