import type { GpuReading, GpuSample } from '@gpu-clouds/jobs';
import { expect, it } from 'vitest';
import { gpuPlot, gpuSummaries, sparkline } from './gpu-plot.ts';
import { widthOf } from './width.ts';

const sample = (second: number, gpus: readonly GpuReading[]): GpuSample => ({
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  instanceName: 'one',
  gpus,
});
const gpu = (utilization: number, memoryUsed: number): GpuReading => ({
  utilization,
  memoryUsed,
  memoryTotal: 81_920,
  temperature: 61,
});

it('a sparkline has a character for each value, and averages values that do not fit', () => {
  expect(sparkline([0, 0.5, 1], 10)).toBe('▁▅█');
  expect(sparkline([0, 0, 1, 1, 0, 1], 3)).toBe('▁█▅');
  expect(sparkline([undefined, 1], 5)).toBe(' █');
  expect(sparkline([], 5)).toBe('');
  expect(sparkline(Array(10_000).fill(1), 7)).toBe('███████');
});

it('the plot has a line for each GPU with its latest values', () => {
  const samples = [sample(0, [gpu(0, 0), gpu(100, 81_920)]), sample(15, [gpu(100, 40_960), gpu(0, 0)])];
  expect(gpuPlot([{ node: 0, samples }])).toBe(
    [
      'GPU  BUSY    NOW  MEMORY       GIB   TEMP',
      '  0  ▁█    100 %  ▁▅      40 of 80  61 °C',
      '  1  █▁      0 %  █▁       0 of 80  61 °C',
    ].join('\n'),
  );
});

it.each([40, 60, 80, 200])('the plot of a long run fits into %i columns', (columns) => {
  const samples = Array.from({ length: 5000 }, (_, index) => sample(index * 15, [gpu(index % 101, index)]));
  const lines = gpuPlot(
    [0, 1].map((node) => ({ node, samples })),
    { columns },
  ).split('\n');
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
});

it('the summary of a GPU has its mean utilization, its highest memory, and its latest values', () => {
  const samples = [sample(0, [gpu(0, 100)]), sample(15, [{}]), sample(30, [gpu(50, 10)])];
  expect(gpuSummaries([{ node: 2, samples }])).toEqual([
    {
      node: 2,
      gpu: 0,
      samples: 3,
      latestAt: '2026-01-01T00:00:30.000Z',
      latest: gpu(50, 10),
      meanUtilization: 25,
      maxMemoryUsed: 100,
    },
  ]);
  expect(gpuSummaries([{ node: 0, samples: [] }])).toEqual([]);
});
