import { fileURLToPath } from 'node:url';
import { type DevServer, startDevServer } from '@gpu-clouds/dev';
import { type BatchItem, type BatchResult, batchHandle, startBatch, taskQueues } from '@gpu-clouds/jobs';
import { type BatchOrder, workflowNames } from '@gpu-clouds/jobs/contract';
import { until } from '@gpu-clouds/jobs/test';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followRuns } from '../src/activities/follow-runs.ts';
import { defaultTiming } from '../src/timing.ts';
import { job } from './harness.ts';
import { workflowCache } from './workflow-cache.ts';

const many = job('name: many\ncommand: echo "$N"\nenv: { END: 0 }\n');

let server: DevServer;
let client: Client;
let native: NativeConnection;
let worker: Worker;
let ended: Promise<void>;
let workflowBundle: WorkflowBundleWithSourceMap;
/** Runs that are at work; the most there ever were; how often each was; what lets them end. */
let [now, most] = [0, 0];
const starts: string[] = [];
let gate: Promise<void> | undefined;
const letGo = new Set<string>();

/** Runs get to work, and do not end until it is opened, or they are let go. */
function shut(): () => void {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

beforeAll(async () => {
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('batch-workflows.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  server = await startDevServer();
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
  native = await NativeConnection.connect({ address: server.address });
  const work = async (id: string) => {
    starts.push(id);
    now += 1;
    most = Math.max(most, now);
    await Promise.race([gate, ...(gate === undefined ? [] : [until(() => letGo.has(id))])]);
    now -= 1;
  };
  worker = await Worker.create({
    ...workflowCache(),
    connection: native,
    taskQueue: taskQueues.workflows,
    workflowBundle,
    activities: { work, followRuns: followRuns({ timing: { ...defaultTiming, pollIntervalMs: 50 } }) },
  });
  ended = worker.run();
});
beforeEach(() => {
  [now, most] = [0, 0];
  starts.length = 0;
  letGo.clear();
  gate = undefined;
});
afterAll(async () => {
  worker.shutdown();
  await ended;
  const query = `WorkflowType IN ('${workflowNames.batch}', '${workflowNames.batchPart}')`;
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle },
    client.workflow.list({ query }).intoHistories(),
  )) {
    if (error !== undefined) throw new Error(`${workflowId} does not replay`, { cause: error });
  }
  await native.close();
  await client.connection.close();
  await server.close();
});

const items = (count: number, end: (index: number) => string = () => '0'): readonly BatchItem[] =>
  Array.from({ length: count }, (_, index) => ({ env: { N: String(index), END: end(index) } }));

/** How many histories a workflow has had. */
async function continuations(workflowId: string): Promise<number> {
  const runs: string[] = [];
  await until(async () => {
    runs.length = 0;
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) runs.push(runId);
    return runs.length > 0;
  });
  return runs.length;
}

/** With sizes as small as a test wants them. */
async function run(
  order: Partial<BatchOrder> & Pick<BatchOrder, 'id'>,
  given: readonly BatchItem[],
): Promise<BatchResult> {
  const full: BatchOrder = {
    fleet: 'default',
    job: many,
    items: given.map((item, index) => ({ index, item })),
    window: 5,
    partSize: 500,
    runsPerHistory: 500,
    ...order,
  };
  return client.workflow.execute(workflowNames.batch, {
    workflowId: order.id,
    taskQueue: taskQueues.workflows,
    args: [full],
  });
}

describe('a batch', () => {
  it('a batch runs each of 60 items once, five at a time, and returns how each ended', async () => {
    const ends = (index: number) => (index === 7 ? '3' : index === 11 ? 'throws' : '0');
    const open = shut();
    const batch = await startBatch(client, many, items(60, ends), { id: 'sixty', window: 5 });
    await until(() => now === 5, 'a full window');
    expect(await batch.status()).toMatchObject({ state: 'running', total: 60, running: 5, done: 0, failed: 0 });
    open();
    const result = await batch.result();
    expect(result.items.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, index) => `sixty-${index}`));
    expect(result).toMatchObject({ id: 'sixty', outcome: 'failed', dollars: 61 });
    expect(result.items[6]).toEqual({ index: 6, id: 'sixty-6', outcome: 'succeeded', exitCode: 0, dollars: 1 });
    expect(result.items[7]).toEqual({ index: 7, id: 'sixty-7', outcome: 'failed', exitCode: 3, dollars: 1 });
    expect(result.items[11]).toEqual({
      index: 11,
      id: 'sixty-11',
      outcome: 'failed',
      dollars: 2,
      kind: 'no-offer',
      message: 'Nobody has one.',
    });
    expect(starts.toSorted()).toEqual(result.items.map(({ id }) => id).toSorted());
    expect(most).toBe(5);
    expect(await batch.status()).toMatchObject({ state: 'failed', total: 60, running: 0, done: 60, failed: 2 });
    expect(await batch.results()).toEqual(result.items);
  });

  it('a batch that continues as new continues where it was', async () => {
    const result = await run({ id: 'renewed', runsPerHistory: 10 }, items(25));
    expect(result).toMatchObject({ outcome: 'succeeded', dollars: 25 });
    expect(new Set(starts).size).toBe(25);
    expect(starts.length).toBe(25);
    expect(await continuations('renewed/part-0')).toBeGreaterThan(1);
  });

  it('a batch keeps its window full while it continues as new, with runs of each execution in it', async () => {
    const open = shut();
    const batch = run({ id: 'full', runsPerHistory: 2, window: 3 }, items(8));
    await until(() => now === 3, 'a full window');
    for (const id of ['full-1', 'full-2', 'full-3']) {
      letGo.add(id);
      const before = starts.length;
      await until(() => starts.length === before + 1, `another run after ${id}`);
      expect(now).toBe(3);
    }
    expect(await continuations('full/part-0')).toBeGreaterThan(1);
    expect(await batchHandle(client, 'full').status()).toMatchObject({ total: 8, running: 3, done: 3 });
    expect((await batchHandle(client, 'full').results()).map(({ index }) => index)).toEqual([1, 2, 3]);
    open();
    expect(await batch).toMatchObject({ outcome: 'succeeded', dollars: 8 });
    expect(starts.toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `full-${index}`));
  });

  it.each(['cancel', 'terminate'] as const)('a batch that continued as new leaves no run after %s', async (end) => {
    const id = `spread-${end}`;
    const open = shut();
    const batch = run({ id, runsPerHistory: 2, window: 3 }, items(8));
    const ended = batch.catch(() => 'ended');
    await until(() => now === 3, 'a full window');
    await client.workflow.getHandle(id)[end]();
    expect(await ended).toBe('ended');
    for (const index of [0, 1, 2]) {
      const run = client.workflow.getHandle(`${id}-${index}`);
      await until(async () => (await run.describe()).status.name === 'CANCELLED', `the end of run ${index}`);
    }
    expect(starts.length).toBe(3);
    open();
  });

  it.each([
    ['whole', 'reset-whole'],
    ['part', 'reset-part/part-0'],
  ])('whose %s is reset to its beginning adopts the runs that it had started', async (what, workflowId) => {
    const id = `reset-${what}`;
    const open = shut();
    const batch = await startBatch(client, many, items(6), { id, window: 3 });
    await until(() => now === 3, 'a full window');
    letGo.add(`${id}-0`);
    await until(() => starts.length === 4, 'one more');
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const decided = events?.find(({ workflowTaskCompletedEventAttributes: task }) => task)?.eventId ?? null;
    await client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
      reason: 'test',
      requestId: workflowId,
      workflowTaskFinishEventId: decided,
    });
    open();
    expect(await batch.result()).toMatchObject({ outcome: 'succeeded', dollars: 6 });
    expect(starts.toSorted()).toEqual(Array.from({ length: 6 }, (_, index) => `${id}-${index}`));
  });

  it("a batch whose part is terminated cancels that part's runs, returns how they ended, and continues with the others", async () => {
    const open = shut();
    const batch = run({ id: 'torn', partSize: 4, window: 4 }, items(8));
    await until(() => now === 4, 'a full window');
    await client.workflow.getHandle('torn/part-1').terminate();
    for (const id of ['torn-1', 'torn-3']) {
      await until(async () => (await client.workflow.getHandle(id).describe()).status.name === 'CANCELLED', id);
    }
    open();
    const outcomes = (await batch).items.map(({ outcome }) => outcome);
    const [ran, ended] = ['succeeded', 'cancelled'];
    expect(outcomes).toEqual([ran, ended, ran, ended, ran, 'skipped', ran, 'skipped']);
  });

  it('a batch does not adopt a run that someone else started', async () => {
    await client.workflow.execute('runJob', {
      workflowId: 'taken-1',
      taskQueue: taskQueues.workflows,
      args: [{ id: 'taken-1', fleet: 'default', job: many }],
    });
    const { items: ends } = await run({ id: 'taken' }, items(2));
    expect(ends).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'failed', kind: 'id-taken' }]);
  });

  it('a large batch is split into parts that share its window', async () => {
    const open = shut();
    const batch = run({ id: 'large', partSize: 10, window: 4 }, items(25));
    await until(() => now === 4, 'a full window');
    expect(await batchHandle(client, 'large').status()).toMatchObject({ total: 25, running: 4, done: 0, failed: 0 });
    open();
    const result = await batch;
    expect(result.items.map(({ index }) => index)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(starts.length).toBe(25);
    expect(most).toBe(4);
    expect(await batchHandle(client, 'large').status()).toMatchObject({ total: 25, running: 0, done: 25, failed: 0 });
    const parts = [0, 1, 2].map((part) => client.workflow.getHandle(`large/part-${part}`).result());
    expect((await Promise.all(parts)).map((items: BatchResult['items']) => items.length)).toEqual([9, 8, 8]);
  });

  it.each([
    ['in one workflow', 500],
    ['over its parts', 10],
  ])('starts nothing more after too many failures, %s', async (where, partSize) => {
    const result = await run(
      { id: `broken-${partSize}`, partSize, window: 2, maxFailures: 3 },
      items(30, () => '1'),
    );
    const failed = result.items.filter(({ outcome }) => outcome === 'failed').length;
    const skipped = result.items.filter(({ outcome }) => outcome === 'skipped').length;
    expect([failed + skipped, where, failed >= 4, skipped > 0]).toEqual([30, where, true, true]);
    expect(starts.length).toBe(failed);
  });

  it('a drained batch waits for the runs under way and skips the rest', async () => {
    const open = shut();
    const batch = await startBatch(client, many, items(8), { id: 'drained', window: 2 });
    await until(() => now === 2);
    await batch.drain();
    await until(async () => {
      const { events } = await client.workflow.getHandle('drained/part-0').fetchHistory();
      return events?.some(({ workflowExecutionSignaledEventAttributes: signalled }) => signalled);
    }, 'the part that hears of it');
    open();
    const result = await batch.result();
    expect(result.items.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', ...Array(6).fill('skipped')]);
  });

  it('a cancelled batch cancels its runs', async () => {
    const open = shut();
    const batch = await startBatch(client, many, items(8), { id: 'cancelled', window: 2 });
    await until(() => now === 2);
    await batch.cancel();
    await expect(batch.result()).rejects.toMatchObject({ kind: 'cancelled' });
    for (const id of ['cancelled-0', 'cancelled-1']) {
      expect((await client.workflow.getHandle(id).describe()).status.name).toBe('CANCELLED');
    }
    expect(starts.length).toBe(2);
    open();
  });
});

it.each([
  [[], {}, 'A batch needs at least one item.'],
  [items(1), { window: 0 }, 'A batch runs 1 to 1000 items at a time, not 0.'],
  [items(1), { maxFailures: -1 }, 'maxFailures must be a whole number of at least 0, not -1.'],
  [items(1), { id: 'no id' }, '"no id" cannot be a batch\'s id'],
  [items(5001), {}, 'A batch has at most 5000 items, not 5001. Split it into several batches.'],
  [[{}, { command: '' }], {}, 'Item 1: command must be at least 1 character, not ""'],
  [
    items(2).map((item) => ({ ...item, command: 'x'.repeat(1_000_000) })),
    {},
    'The job and its items are larger than Temporal accepts',
  ],
])('startBatch refuses an invalid batch with a helpful message', async (given, options, sentence) => {
  await expect(startBatch(client, many, given, options)).rejects.toThrow(sentence);
});
