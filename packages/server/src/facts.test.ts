import { type JobFacts, localRunStore } from '@gpu-clouds/jobs';
import { expect, it } from 'vitest';
import { clientOfRuns } from '../test/fake-temporal.ts';
import { Facts } from './facts.ts';

const at = '2026-11-29T00:00:00Z';
const facts: JobFacts = {
  id: 'a',
  name: 'a',
  nodes: 1,
  phase: 'running',
  startedAt: at,
  phaseSince: at,
  instances: [],
  failures: [],
};
const options = {
  fleet: 'test',
  offers: async () => ({ offers: [], notes: [] }),
  runs: localRunStore('/srv/gpu/runs'),
};

it('what a run says of a failed run store has no path of the disk', async () => {
  const message = '/srv/gpu/runs/a/output.log cannot be stored or read: no space left on device.';
  const failures = [
    { vendor: 'verda', kind: 'store-failed', message: '/srv/gpu/runs cannot be stored or read.', at },
  ] as const;
  const client = clientOfRuns('test', { facts: { ...facts, message, failures } });
  const { status } = await new Facts({ ...options, client }).job({ name: 'admin', scope: 'admin' }, 'a');
  expect([status.message, status.failures[0]?.message]).toEqual([
    'a/output.log cannot be stored or read: no space left on device.',
    'The run store cannot be stored or read.',
  ]);
});
