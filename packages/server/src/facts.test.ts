import { type JobFacts, localRunStore } from '@gpu-clouds/jobs';
import { TypedSearchAttributes } from '@temporalio/common';
import { expect, it, vi } from 'vitest';
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

it('a token whose runs are few makes Temporal list 10,000 runs at most, and the answer says that there may be more', async () => {
  const client = clientOfRuns('test');
  let listed = 0;
  async function* foreignRuns() {
    for (; listed < 20_000; listed += 1)
      yield {
        type: 'job',
        workflowId: `run-${listed}`,
        runId: 'one',
        taskQueue: 'queue',
        status: { code: 1, name: 'RUNNING' } as const,
        historyLength: 1,
        startTime: new Date(at),
        memo: { fleet: 'test', tags: { owner: 'ben' } },
        searchAttributes: {},
        typedSearchAttributes: new TypedSearchAttributes(),
        raw: {},
      };
  }
  const intoHistories = () => {
    throw new Error('unused');
  };
  vi.spyOn(client.workflow, 'list').mockImplementation(() => Object.assign(foreignRuns(), { intoHistories }));
  const found = await new Facts({ ...options, client }).runs({ name: 'ada', scope: 'run' }, { limit: 50 });
  expect([found, listed]).toEqual([{ runs: [], more: true }, 9_999]);
});
