import { expect, it } from 'vitest';
import type { GpuSample } from './gpu-samples.ts';
import { idleSeconds, noIdleness, withSample } from './idleness.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
type Utilizations = readonly (number | undefined)[];

/** Seconds after the start, and the utilization of each GPU. */
function sample(at: number, utilizations: Utilizations, instanceName = 'one'): GpuSample {
  const gpus = utilizations.map((utilization) => ({ utilization }));
  return { at: new Date(start + at * 1000).toISOString(), instanceName, gpus };
}

const after = (...samples: readonly GpuSample[]) =>
  samples.reduce((idleness, next) => withSample(idleness, next, 5), noIdleness);

it('time between two idle samples in a row is idle', () => {
  const idleness = after(sample(0, [0, 4]), sample(15, [4.9, 0]), sample(30, [0, 0]));
  expect([idleSeconds(idleness), idleness.seconds]).toEqual([30, { one: 30 }]);
});

it('one GPU at the limit means that the node is not idle, and its idle time begins again', () => {
  const idleness = after(
    sample(0, [0, 0]),
    sample(15, [0, 0]),
    sample(30, [5, 0]),
    sample(45, [0, 0]),
    sample(60, [0, 0]),
  );
  expect([idleSeconds(idleness), idleness.seconds]).toEqual([15, { one: 30 }]);
  expect(idleSeconds(after(sample(0, [0]), sample(15, [5])))).toBe(0);
});

it('a gap in the samples is not idle time, and idle time begins again after it', () => {
  const idleness = after(sample(0, [0]), sample(15, [0]), sample(3600, [0]), sample(3690, [0]));
  expect([idleSeconds(idleness), idleness.seconds]).toEqual([90, { one: 105 }]);
});

it('a clock that goes back adds no idle time', () => {
  const idleness = after(sample(60, [0]), sample(30, [0]), sample(45, [0]));
  expect([idleSeconds(idleness), idleness.seconds]).toEqual([15, { one: 15 }]);
});

it('a GPU with unknown utilization is not idle, nor is a node without GPUs', () => {
  for (const unknown of [[0, undefined], []]) {
    const idleness = after(sample(0, unknown), sample(15, unknown));
    expect([idleSeconds(idleness), idleness.seconds]).toEqual([0, { one: 0 }]);
  }
});

it('each instance has its own idle time, which starts at zero', () => {
  const idleness = after(sample(0, [0]), sample(15, [0]), sample(30, [0], 'two'), sample(45, [0], 'two'));
  expect([idleSeconds(idleness), idleness.seconds]).toEqual([15, { one: 15, two: 15 }]);
});
