import { readdir, readFile } from 'node:fs/promises';
import { Worker } from '@temporalio/worker';
import { beforeAll, expect, inject, it } from 'vitest';
import { shapes } from './histories/shapes.ts';

const folder = new URL('./histories/generated/', import.meta.url);

interface Recorded {
  readonly workflowId: string;
  readonly history: unknown;
}

async function recorded(name: string, change = (text: string) => text): Promise<readonly Recorded[]> {
  const found: unknown = JSON.parse(change(await readFile(new URL(`${name}.json`, folder), 'utf8')));
  return Array.isArray(found) ? found.filter(isRecorded) : [];
}

function isRecorded(value: unknown): value is Recorded {
  return typeof value === 'object' && value !== null && 'workflowId' in value && 'history' in value;
}

/** Replays histories on one worker, and returns why each cannot be replayed. */
async function replay(histories: readonly Recorded[]): Promise<readonly (Error | undefined)[]> {
  const results: (Error | undefined)[] = [];
  const options = { workflowBundle: { codePath: inject('workflowBundle') } };
  for await (const { error } of Worker.runReplayHistories(options, histories)) results.push(error);
  return results;
}

/** Why the histories of each shape cannot be replayed. */
const replayed = new Map<string, readonly (Error | undefined)[]>();
beforeAll(async () => {
  const histories = await Promise.all(shapes.map(({ name }) => recorded(name)));
  const results = [...(await replay(histories.flat()))];
  for (const [index, { name }] of shapes.entries()) replayed.set(name, results.splice(0, histories[index]?.length));
});

it.each(shapes)('the current code replays the recorded history of $name', async ({ name }) => {
  const results = replayed.get(name) ?? [];
  expect(results).toEqual((await recorded(name)).map(() => undefined));
  expect(results).not.toEqual([]);
});

it('the current code does not replay a history of other code', async () => {
  const histories = await recorded('success', (text) => text.replaceAll('"uploadFiles"', '"uploadFolders"'));
  expect(await replay(histories.slice(0, 1))).toMatchObject([{ name: 'DeterminismViolationError' }]);
});

it('the recordings hold no paths and secrets of the machine that made them', async () => {
  for (const name of await readdir(folder)) {
    const text = await readFile(new URL(name, folder), 'utf8');
    const payloads = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
    const all = [text, ...payloads.map((payload) => payload.toString())].join('\n');
    expect(all).not.toMatch(/\/(work|home|root|Users)\/|node_modules|PRIVATE KEY|a master secret/);
  }
});
