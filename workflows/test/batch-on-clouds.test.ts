import { type BatchItem, startBatch } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
/** Most instances that there ever were at a time. */
let most = 0;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

async function work(): Promise<void> {
  cloud = harness.cloud('verda');
  most = 0;
  cloud.faults.onCreate = async () => {
    most = Math.max(most, cloud.instances.size + 1);
  };
  await harness.work([cloud]);
}

const numbered = (count: number): readonly BatchItem[] =>
  Array.from({ length: count }, (_, index) => ({ env: { N: String(index) } }));

it('each item of a batch rents its own instance, at most the window at a time, and none is left', async () => {
  await work();
  const batch = await startBatch(
    harness.client,
    job('name: sum\ncommand: echo "item $N"; exit $((N == 1))\n'),
    numbered(4),
    {
      id: 'on-clouds',
      window: 2,
    },
  );
  const result = await batch.result();
  expect(result.items.map(({ outcome, exitCode }) => [outcome, exitCode])).toEqual([
    ['succeeded', 0],
    ['failed', 1],
    ['succeeded', 0],
    ['succeeded', 0],
  ]);
  expect(await outputOf(harness.runs, 'on-clouds-3')).toBe('item 3\n');
  expect([cloud.creates, cloud.left]).toEqual([4, 0]);
  expect(most).toBeLessThanOrEqual(2);
  expect(result.dollars).toBeGreaterThan(0);
});

it('cancelling or terminating a batch destroys the instances of its runs', async () => {
  await work();
  for (const [id, end] of [
    ['cancelled', 'cancel'],
    ['terminated', 'terminate'],
  ] as const) {
    const batch = await startBatch(harness.client, job('name: long\ncommand: sleep 600\n'), numbered(3), {
      id,
      window: 2,
    });
    await until(() => cloud.instances.size === 2, 'two instances');
    await harness.client.workflow.getHandle(batch.id)[end]();
    await expect(batch.result()).rejects.toMatchObject({ kind: id });
    await until(() => cloud.left === 0, 'the end of the instances');
  }
  expect(cloud.creates).toBe(4);
});
