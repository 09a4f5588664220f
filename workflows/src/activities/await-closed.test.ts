import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { defaultTiming } from '../timing.ts';
import { awaitClosed } from './await-closed.ts';

/** Polls workflows with these statuses, by id. Undefined: Temporal has no such workflow. */
function polled(statuses: Readonly<Record<string, string | undefined>>) {
  const getHandle = (id: string) => ({
    describe: async () => {
      if (statuses[id] === undefined) throw new WorkflowNotFoundError('not found', id, undefined);
      return { status: { name: statuses[id] } };
    },
  });
  const client = Object.assign(new Client(), { workflow: { getHandle } });
  const workflows = Object.keys(statuses).map((workflowId) => ({ workflowId }));
  return mockActivity({}, client).run(awaitClosed({ timing: defaultTiming }), workflows);
}

it('awaitClosed holds no slot while all workflows run: it fails, and says when to try again', async () => {
  const failure = { nonRetryable: false, nextRetryDelay: 15_000, category: 'BENIGN' };
  await expect(polled({ a: 'RUNNING', b: 'PAUSED' })).rejects.toMatchObject(failure);
});

it('awaitClosed returns the workflows that have ended in any way, or whose history is deleted', async () => {
  expect(await polled({ a: 'RUNNING', b: 'TERMINATED', c: 'COMPLETED', d: undefined })).toEqual(
    ['b', 'c', 'd'].map((workflowId) => ({ workflowId })),
  );
});
