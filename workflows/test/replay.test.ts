import { readdir, readFile } from 'node:fs/promises';
import { Worker } from '@temporalio/worker';
import { expect, inject, it } from 'vitest';
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

async function replay({ workflowId, history }: Recorded): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: { codePath: inject('workflowBundle') } }, history, workflowId);
}

it.each(shapes)('the current code replays the recorded history of $name', async ({ name }) => {
  const histories = await recorded(name);
  expect(histories.length).toBeGreaterThan(0);
  for (const each of histories) await replay(each);
});

it('the current code does not replay a history of other code', async () => {
  const [run] = await recorded('success', (text) => text.replaceAll('"uploadFiles"', '"uploadFolders"'));
  await expect(run === undefined ? undefined : replay(run)).rejects.toMatchObject({
    name: 'DeterminismViolationError',
  });
});

it('the recordings hold no paths and secrets of the machine that made them', async () => {
  for (const name of await readdir(folder)) {
    const text = await readFile(new URL(name, folder), 'utf8');
    const payloads = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
    const all = [text, ...payloads.map((payload) => payload.toString())].join('\n');
    expect(all).not.toMatch(/\/(work|home|root|Users)\/|node_modules|PRIVATE KEY|a master secret/);
  }
});
