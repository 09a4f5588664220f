import type { JobStatus } from '@gpu-clouds/jobs';
import { expect, test } from 'vitest';
import { activityOf, jobProgress } from './job-progress.ts';

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

const base: JobStatus = {
  id: 'run-1',
  name: 'train',
  nodes: 1,
  phase: 'finding-offers',
  startedAt: '2026-01-01T00:00:00.000Z',
  phaseSince: '2026-01-01T00:00:00.000Z',
  elapsedSeconds: 0.2,
  costSoFar: 0,
  instances: [],
  activeInstances: [],
  failures: [],
};
const instance = { instanceName: 'gpuc-default-run-1-1', node: 0, offer, pricePerHour: 0.9, since: base.startedAt };
const creating: JobStatus = {
  ...base,
  phase: 'creating',
  instances: [instance],
  activeInstances: [instance],
  current: instance,
};
/** The phases after the creation begin when the base status is read. */
const phaseSince = '2026-01-01T00:00:00.200Z';

test('jobProgress shows each phase once, with time and cost, even if the status changes within the phase', () => {
  const linesFor = jobProgress();
  expect(linesFor(base)).toEqual(['    0.0s     $0.00  looking for offers']);
  expect(linesFor(creating)).toEqual(['    0.0s     $0.00  creating 1x L40S at verda (FIN-01), $0.90/hour']);
  expect(linesFor({ ...creating, elapsedSeconds: 3, costSoFar: 0.0008 })).toEqual([]);
});

test('jobProgress shows a failed offer before the next instance', () => {
  const linesFor = jobProgress();
  linesFor(creating);
  const failure = {
    vendor: 'verda',
    offer,
    kind: 'no-capacity',
    message: 'verda is out of L40S',
    at: base.startedAt,
  } as const;
  const second = { ...instance, instanceName: 'gpuc-default-run-1-2' };
  expect(
    linesFor({
      ...creating,
      failures: [failure],
      instances: [instance, second],
      activeInstances: [second],
      current: second,
    }),
  ).toEqual([
    '    0.0s     $0.00  no-capacity: verda is out of L40S',
    '    0.0s     $0.00  creating 1x L40S at verda (FIN-01), $0.90/hour',
  ]);
});

test('jobProgress shows the creation of an instance that is first seen in a later phase', () => {
  const linesFor = jobProgress();
  linesFor(base);
  expect(linesFor({ ...creating, phase: 'booting', phaseSince })).toEqual([
    '    0.0s     $0.00  creating 1x L40S at verda (FIN-01), $0.90/hour',
    '    0.2s   $0.0001  booting',
  ]);
});

test('jobProgress says of a run that it joins late when each line happened, not when it was seen', () => {
  const created = { ...instance, since: '2026-01-01T00:00:02.000Z' };
  const running = { instances: [created], activeInstances: [created], current: created, phase: 'running' } as const;
  const since = '2026-01-01T00:00:07.000Z';
  const joined = { ...base, ...running, phaseSince: since, elapsedSeconds: 27.3, costSoFar: 0.0063 };
  expect(jobProgress()(joined)).toEqual([
    '    2.0s     $0.00  creating 1x L40S at verda (FIN-01), $0.90/hour',
    '    7.0s   $0.0013  running',
  ]);
});

test('jobProgress lists what happened between two polls in the order in which it happened', () => {
  const second = (at: number) => new Date(Date.parse(base.startedAt) + at * 1000).toISOString();
  const failure = {
    vendor: 'verda',
    kind: 'preempted',
    message: 'verda took the instance back',
    at: second(2),
  } as const;
  const late = { vendor: 'gpu-ai', kind: 'unauthorized', message: 'gpu-ai refused the key', at: second(10.6) } as const;
  const next = { ...instance, instanceName: 'gpuc-default-run-1-2', since: second(10.5) };
  const attempts = [
    { attempt: 1, since: second(1), until: second(1.5), exitCode: 1 },
    { attempt: 2, since: second(1.5) },
  ];
  const linesFor = jobProgress();
  linesFor(creating);
  expect(
    linesFor({
      ...creating,
      phase: 'booting',
      phaseSince: second(10.7),
      elapsedSeconds: 10.9,
      failures: [failure, late],
      attempts,
      instances: [{ ...instance, until: second(2) }, next],
      activeInstances: [next],
      current: next,
    }),
  ).toEqual([
    '    1.5s   $0.0004  attempt 1 ended with exit code 1; attempt 2 begins',
    '    2.0s   $0.0005  preempted: verda took the instance back',
    '   10.5s   $0.0005  creating 1x L40S at verda (FIN-01), $0.90/hour',
    '   10.6s   $0.0005  unauthorized: gpu-ai refused the key',
    '   10.7s   $0.0006  booting',
  ]);
});

test('jobProgress wraps a long line beside its time and cost', () => {
  expect(jobProgress({ columns: 50 })({ ...creating, phase: 'booting', phaseSince })).toEqual([
    '    0.0s     $0.00  creating 1x L40S at verda\n                    (FIN-01), $0.90/hour',
    '    0.2s   $0.0001  booting',
  ]);
});

test('jobProgress does not count the instances before a failover among those that boot', () => {
  const linesFor = jobProgress();
  linesFor(base);
  const second = { ...instance, instanceName: 'gpuc-default-run-1-2' };
  const moved = { instances: [instance, second], activeInstances: [second], current: second };
  expect(linesFor({ ...creating, ...moved, phase: 'booting', phaseSince })).toEqual([
    '    0.0s     $0.00  creating 1x L40S at verda (FIN-01), $0.90/hour',
    '    0.2s   $0.0001  booting',
  ]);
});

test('jobProgress shows the outcome and the exit code at the end', () => {
  const linesFor = jobProgress();
  expect(linesFor({ ...base, phase: 'finished', outcome: 'failed', exitCode: 3 })).toEqual([
    '    0.2s     $0.00  failed, exit code 3',
  ]);
});

test('jobProgress leaves out why a run failed if its caller says it', () => {
  const failed = { ...base, phase: 'finished', outcome: 'failed', message: 'No offer matches.' } as const;
  expect(jobProgress()(failed)).toEqual(['    0.2s     $0.00  failed: No offer matches.']);
  expect(jobProgress({}, true)(failed)).toEqual(['    0.2s     $0.00  failed']);
});

test('jobProgress shows several instances in one line', () => {
  const linesFor = jobProgress();
  linesFor(base);
  const second = { ...instance, instanceName: 'gpuc-default-run-1-2', node: 1 };
  const both = { ...creating, nodes: 2, instances: [instance, second], activeInstances: [instance, second] };
  expect(linesFor(both)).toEqual([
    '    0.0s     $0.00  creating 2 instances of 1x L40S at verda (FIN-01), $0.90/hour each',
  ]);
  expect(linesFor({ ...both, phase: 'destroying', phaseSince })).toEqual([
    '    0.2s   $0.0001  destroying gpuc-default-run-1-1 and 1 more at verda',
  ]);
});

test('activityOf says how far downloads are, and their size once it is known', () => {
  const status: JobStatus = { ...base, phase: 'downloading' };
  const transfer = { files: 3, totalFiles: 10, bytes: 1_200_000_000 };
  expect(activityOf({ ...status, transfer })).toBe('downloading inputs: 3 of 10 files, 1.2 GB');
  expect(activityOf({ ...status, transfer: { ...transfer, totalBytes: 5_000_000_000 } })).toBe(
    'downloading inputs: 3 of 10 files, 1.2 GB of 5.0 GB',
  );
  expect(activityOf(status)).toBe('downloading inputs');
});
