import type { JobStatus } from '@gpu-clouds/jobs';
import { expect, test } from 'vitest';
import { timeline } from './timeline.ts';

const start = Date.parse('2026-01-01T00:00:00.000Z');
const second = (at: number) => new Date(start + at * 1000).toISOString();
const offer = {
  vendor: 'verda',
  id: '1L40S.20V/FIN-01',
  gpu: 'L40S',
  gpuCount: 1,
  gpuMemory: 48,
  region: 'FIN-01',
  pricePerHour: 0.9,
  spot: false,
  native: {},
} as const;
const instance = { instanceName: 'gpuc-default-run-1-1', node: 0, offer, pricePerHour: 0.9, since: second(3.1) };
const status: JobStatus = {
  id: 'run-1',
  name: 'train',
  nodes: 1,
  phase: 'creating',
  startedAt: second(0),
  phaseSince: second(3.1),
  phases: [{ phase: 'finding-offers', seconds: 3.1, dollars: 0 }],
  elapsedSeconds: 60,
  costSoFar: 0,
  instances: [],
  activeInstances: [],
  failures: [],
};

const lines = (news: Partial<JobStatus>) =>
  timeline({ ...status, ...news }).map(({ at, what }) => `${(at - start) / 1000} ${what}`);

test('the timeline has one entry for an instance that is created', () => {
  expect(lines({ instances: [instance], activeInstances: [instance] })).toEqual([
    '0 started',
    '0 looking for offers',
    '3.1 creating 1x L40S at verda, FIN-01, $0.90/hour',
  ]);
});

test('the timeline says that a run is creating while the instance is not known yet', () => {
  expect(lines({})).toEqual(['0 started', '0 looking for offers', '3.1 creating']);
});

test('the timeline of a run that has ended has the start of all phases', () => {
  const phases = [
    { phase: 'finding-offers', seconds: 3.1, dollars: 0 },
    { phase: 'creating', seconds: 0.9, dollars: 0 },
    { phase: 'booting', seconds: 6, dollars: 0 },
    { phase: 'running', seconds: 20, dollars: 0 },
    { phase: 'destroying', seconds: 5, dollars: 0 },
  ] as const;
  const ended = { phase: 'finished', phaseSince: second(35), outcome: 'succeeded' } as const;
  expect(lines({ ...ended, phases, instances: [{ ...instance, until: second(34.9) }] })).toEqual([
    '0 started',
    '0 looking for offers',
    '3.1 creating 1x L40S at verda, FIN-01, $0.90/hour',
    '4 booting',
    '10 running',
    '30 destroying',
    '34.9 instance at verda is gone',
    '35 succeeded',
  ]);
});
