import { type BatchItem, type BatchResult, taskQueues } from '@gpu-clouds/jobs';
import { type BatchOrder, workflowNames } from '@gpu-clouds/jobs/contract';
import { offerOf } from '@gpu-clouds/jobs/test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { job } from './harness.ts';
import { hours, later, type PlayedActivities, playActivities, startTimeSkipping } from './time-skipping.ts';

// This server may never answer what a workflow is asked: results tell all of it. Nor does its time go on once a run outlives the
// history that started it: batch.test.ts has batches that continue as new.

let env: TestWorkflowEnvironment;
let rest: () => Promise<void>;
let begin: number;
/** Seconds from the start at which the command of an instance began, by its instance name. */
const began = new Map<string, number>();
/** Instance names of the instances that there are now, and the most there ever were. */
const instances = new Set<string>();
let most: number;
/** Seconds from the start at which the last instance was destroyed. */
let lastEnd: number;

const elapsed = async () => ((await env.currentTimeMs()) - begin) / 1000;

const activities = {
  prepareJob: async () => ({ vendors: ['verda'] as const }),
  outputSize: async () => 0,
  findOffers: async () => [offerOf('verda', 'a')],
  createInstance: async ({ instanceName }) => {
    instances.add(instanceName);
    most = Math.max(most, instances.size);
    return { instanceId: instanceName };
  },
  awaitRunning: async () => ({ ssh: { host: '127.0.0.1', port: 22, user: 'root' }, volumeIds: [] }),
  awaitSsh: async () => ({ hostKey: 'SHA256:x', hostPublicKey: 'ssh-ed25519 AAAA' }),
  watchInstance: async () => {
    throw later();
  },
  destroyInstance: async ({ instanceName }) => {
    instances.delete(instanceName);
    lastEnd = await elapsed();
  },
  runStep: async ({ instance, env: { HOURS, END } }) => {
    const now = await elapsed();
    const since = began.get(instance.instanceName) ?? now;
    began.set(instance.instanceName, since);
    const left = hours(Number(HOURS)) - (now - since);
    if (left > 0) throw later(left);
    return { exitCode: Number(END), bytes: 0 };
  },
  sendSignal: async () => undefined,
  // One look, as the activity takes it again and again.
} satisfies PlayedActivities;

// A server of its own for each: one on which a workflow ended while an activity was at work may skip no more time.
beforeEach(async () => {
  env = await startTimeSkipping();
  began.clear();
  instances.clear();
  most = 0;
  begin = await env.currentTimeMs();
  rest = await playActivities(env, activities);
});
afterEach(async () => {
  await rest();
  await env.teardown();
});

const template = job('name: many\ncommand: work\nenv: { HOURS: 3, END: 0 }\n');
const item = (time: number, end = 0): BatchItem => ({ env: { HOURS: String(time), END: String(end) } });

function start(order: Partial<BatchOrder> & Pick<BatchOrder, 'id'>, items: readonly BatchItem[]) {
  const full: BatchOrder = {
    fleet: 'default',
    job: template,
    window: 3,
    partSize: 500,
    runsPerHistory: 500,
    items: items.map((one, index) => ({ index, item: one })),
    ...order,
  };
  return env.client.workflow.start<(order: BatchOrder) => Promise<BatchResult>>(workflowNames.batch, {
    workflowId: order.id,
    taskQueue: taskQueues.workflows,
    args: [full],
  });
}

it('a batch whose jobs take hours keeps to its window', async () => {
  const items = Array.from({ length: 7 }, () => item(3));
  const batch = await start({ id: 'long' }, items);
  const { outcome, items: ends, dollars } = await batch.result();
  expect([outcome, ends.length, most]).toEqual(['succeeded', 7, 3]);
  const starts = [...began.values()].map((at) => Math.round(at / hours(1))).sort((a, b) => a - b);
  expect(starts).toEqual([0, 0, 0, 3, 3, 3, 6]);
  // Seven instances for three hours each, at a dollar an hour.
  expect(dollars).toBeCloseTo(21, 0);
  expect(instances.size).toBe(0);
});

it('after too many failures, a batch starts no further items and waits for those that run', async () => {
  const items = [item(2, 1), item(3, 1), item(6), item(1), item(1)];
  const batch = await start({ id: 'failing', window: 2, maxFailures: 1 }, items);
  const { outcome, items: ends } = await batch.result();
  expect(outcome).toBe('failed');
  expect(ends.map((end) => end.outcome)).toEqual(['failed', 'failed', 'succeeded', 'skipped', 'skipped']);
  expect(lastEnd / hours(1)).toBeCloseTo(2 + 6, 0);
  expect([began.size, instances.size]).toEqual([3, 0]);
});
