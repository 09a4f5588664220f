import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { content } from '../../test/store-contract.ts';
import { localRunStore } from './local-run-store.ts';
import { pruneRuns } from './prune-runs.ts';
import type { RunStore } from './run-store.ts';

const day = 86_400;
const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-prune-'));
  runs = localRunStore(folder);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** A Temporal server with these open runs and schedules with their memos, and no others. */
function temporal(
  open: Readonly<Record<string, Record<string, unknown>>>,
  schedules: Readonly<Record<string, Record<string, unknown>>> = {},
): Client {
  const client = new Client();
  vi.spyOn(client.workflow, 'getHandle').mockImplementation((id) =>
    Object.assign(Object.create(null), {
      async describe() {
        if (id in open) return { status: { name: 'RUNNING' } };
        throw new WorkflowNotFoundError('none', id, undefined);
      },
    }),
  );
  vi.spyOn(client.workflow, 'list').mockImplementation(() =>
    Object.assign(Object.create(null), {
      async *[Symbol.asyncIterator]() {
        for (const memo of Object.values(open)) yield { memo, status: { name: 'RUNNING' } };
      },
    }),
  );
  vi.spyOn(client.schedule, 'list').mockImplementation(() =>
    Object.assign(Object.create(null), {
      async *[Symbol.asyncIterator]() {
        for (const [scheduleId, memo] of Object.entries(schedules)) yield { scheduleId, memo };
      },
    }),
  );
  return client;
}

async function store(run: string, days: number): Promise<void> {
  await runs.putFile(run, 'outputs/x', content('x'));
  const at = new Date(Date.now() - days * day * 1000);
  for (const path of ['outputs/x', 'outputs', '.parts']) await utimes(join(folder, run, path), at, at);
}

async function storeInput(id: string, days: number): Promise<void> {
  await runs.inputs.put(id, content('x'));
  const at = new Date(Date.now() - days * day * 1000);
  await utimes(join(folder, '.inputs', `${id}.tar.gz`), at, at);
}

it('pruneRuns removes runs and inputs that were not used for the retention, and keeps newer ones', async () => {
  await store('old', 31);
  await store('new', 29);
  await storeInput(a, 31);
  await storeInput(b, 29);
  expect(await pruneRuns(temporal({}), runs, 30 * day)).toEqual({ runs: ['old'], inputs: [a] });
  expect([await runs.inputs.touch(a), await runs.inputs.touch(b)]).toEqual([false, true]);
});

it('pruneRuns keeps open runs and the inputs of open runs and batches', async () => {
  await store('open', 90);
  await storeInput(a, 90);
  await storeInput(b, 90);
  const client = temporal({ open: { inputs: [a] }, 'sweep-7': { batch: 'sweep' } });
  expect(await pruneRuns(client, runs, 30 * day)).toEqual({ runs: [], inputs: [b] });
});

it('pruneRuns keeps all inputs while an open run does not list its inputs', async () => {
  await storeInput(a, 90);
  expect(await pruneRuns(temporal({ foreign: { name: 'x' } }), runs, 30 * day)).toEqual({ runs: [], inputs: [] });
});

it('pruneRuns keeps the inputs of schedules, and ignores schedules of others', async () => {
  await storeInput(a, 90);
  await storeInput(b, 90);
  const client = temporal({}, { 'gpu-clouds-schedule-nightly': { inputs: [a] }, 'gpu-clouds-reaper-default': {} });
  expect(await pruneRuns(client, runs, 30 * day)).toEqual({ runs: [], inputs: [b] });
});

it('pruneRuns removes nothing if Temporal does not answer', async () => {
  await store('old', 90);
  const client = temporal({});
  vi.spyOn(client.workflow, 'getHandle').mockImplementation(() => {
    throw new Error('No answer.');
  });
  await expect(pruneRuns(client, runs, 30 * day)).rejects.toThrow('No answer.');
  expect(await runs.statFile('old', 'outputs/x')).toBeDefined();
});
