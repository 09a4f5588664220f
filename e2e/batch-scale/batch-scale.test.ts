/** Tests how the events and bytes of a batch in Temporal grow with its items. `pnpm batch-scale` measures thousands of items. */

import { type BatchItem, type Job, parseJob, startBatch, taskQueues } from '@gpu-clouds/jobs';
import { type BatchOrder, type BatchResult, fitsTemporal, jsonBytes, workflowNames } from '@gpu-clouds/jobs/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BatchWorld, startBatchWorld } from './batch-world.ts';

let world: BatchWorld;
beforeAll(async () => {
  world = await startBatchWorld();
});
afterAll(() => world.close());

const job = (yaml: string): Job => parseJob(yaml, '/job.yaml');
const small = job('name: small\ncommand: "true"\n');
const items = (count: number, env: Record<string, string> = {}): readonly BatchItem[] =>
  Array.from({ length: count }, (_, index) => ({ env: { N: String(index), ...env } }));

/** Longer than the limit of a result, with characters that JSON escapes. */
const longMessage = 'é"\\'.repeat(100);

it('each additional item of a batch adds at most twelve events', async () => {
  const eventsOf = async (count: number) => {
    const id = `items-${count}`;
    await (await startBatch(world.client, small, items(count), { id, window: 8 })).result();
    const { whole, parts } = await world.figures(id);
    expect(whole.events).toBeLessThan(30);
    return parts.reduce((sum, { events }) => sum + events, 0);
  };
  const [few, many] = [await eventsOf(10), await eventsOf(60)];
  expect((many - few) / 50).toBeLessThanOrEqual(12);
});

it('a batch starts the runs of a large job in several messages, each small enough for Temporal', async () => {
  const large = { ...small, command: `: ${'x'.repeat(80_000)}` };
  const batch = await startBatch(world.client, large, items(30), { id: 'large-job', window: 30 });
  expect(await batch.result()).toMatchObject({ outcome: 'succeeded', dollars: 30 });
  const { parts } = await world.figures('large-job');
  expect(parts[0]?.mostBytes).toBeGreaterThan(2_400_000);
  // One megabyte, plus the run that exceeds it.
  expect(parts[0]?.largestTask).toBeLessThan(1_100_000);
});

it('the state of a batch part grows by at most 300 bytes per item, even with long failure messages', async () => {
  const given = items(60, { END: longMessage });
  const order: BatchOrder = {
    id: 'f'.repeat(50),
    fleet: 'default',
    job: small,
    items: given.map((item, index) => ({ index, item })),
    window: 10,
    partSize: 500,
    runsPerHistory: 20,
  };
  const result: BatchResult = await world.client.workflow.execute(workflowNames.batch, {
    workflowId: order.id,
    taskQueue: taskQueues.workflows,
    args: [order],
  });
  expect(result.items.map(({ kind }) => kind)).toEqual(Array(60).fill('never-ready'));
  expect(jsonBytes(result)).toBeLessThan(60 * 300 + 200);
  const { whole, parts } = await world.figures(order.id);
  expect(parts[0]?.histories).toBeGreaterThan(1);
  const bound = jsonBytes({ ...order, items: [] }) + 60 * Math.max(300, jsonBytes(order.items[10])) + 1000;
  for (const { largestEvent } of [whole, ...parts]) expect(largestEvent).toBeLessThan(bound);
});

it.each([
  ['fitsTemporal accepts 5000 small items, one at a time', 1, 5000, 1000, true],
  ['fitsTemporal accepts 5000 small items, many at a time', 1000, 5000, 250_000, true],
  ['fitsTemporal rejects a large job in each of ten parts', 1000, 5000, 400_000, false],
  ['fitsTemporal rejects a job that is too large together with all results', 1, 5000, 500_000, false],
  ['fitsTemporal accepts a few items of a very large job', 1, 3, 1_800_000, true],
  ['fitsTemporal rejects a job larger than a payload', 1, 3, 2_000_000, false],
])('%s', (_what, window, count, bytes, fits) => {
  const command = 'x'.repeat(bytes);
  const numbered = items(count).map((item, index) => ({ index, item }));
  const order = { id: 'b', fleet: 'default', job: { ...small, command }, window, partSize: 500 };
  expect(fitsTemporal({ ...order, items: numbered, runsPerHistory: 1000 })).toBe(fits);
});
