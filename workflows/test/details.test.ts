import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { startBatch, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

interface Handler {
  readonly name?: string;
  readonly description?: string;
}
interface Metadata {
  readonly currentDetails?: string;
  readonly definition?: Partial<Record<'queryDefinitions' | 'signalDefinitions' | 'updateDefinitions', Handler[]>>;
}

/** What Temporal's UI asks for. */
async function metadataOf(id: string): Promise<Metadata> {
  return harness.client.workflow.getHandle(id).query<Metadata>('__temporal_workflow_metadata');
}

async function detailsOf(id: string): Promise<string> {
  return (await metadataOf(id)).currentDetails ?? '';
}

/** What a workflow answers to, and which of it without a word on what it does. */
async function handlersOf(id: string): Promise<{ readonly all: readonly string[]; readonly bare: readonly string[] }> {
  const {
    queryDefinitions = [],
    signalDefinitions = [],
    updateDefinitions = [],
  } = (await metadataOf(id)).definition ?? {};
  const all = [...queryDefinitions, ...signalDefinitions, ...updateDefinitions].flatMap(({ name = '', description }) =>
    name.startsWith('__') ? [] : [{ name, description }],
  );
  const bare = all.filter(({ description = '' }) => description === '');
  return { all: all.map(({ name }) => name).sort(), bare: bare.map(({ name }) => name) };
}

it("Temporal's metadata query shows what a run does, on which instance, and at what price", async () => {
  const cloud = harness.cloud('verda', 3);
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: shown\ncommand: sleep 600\n'));
  const status = await until(async () => {
    const now = await run.status();
    return now.phase === 'running' ? now : undefined;
  });
  const instanceName = status.current?.instanceName ?? '';
  const details = await detailsOf(run.id);
  expect(details).toContain('**running** since');
  expect(details).toContain(`\`${instanceName}\`: 1 × RTX A6000 at verda (FIN-01), ${status.current?.instanceId}`);
  expect(details).toContain('$3.00 an hour');
  expect(await detailsOf(ownerIdOf(instanceName))).toContain('**ready**');
  expect(await handlersOf(run.id)).toEqual({
    all: ['budgetDecision', 'idleGpus', 'instanceChanged', 'status', 'stop'],
    bare: [],
  });
  const signals = ['accountSuspect', 'budgetBegan', 'budgetDecision', 'leave', 'release', 'use'];
  const ofInstance = [...signals, 'connection', 'extend', 'instance', 'release'].sort();
  expect(await handlersOf(ownerIdOf(instanceName))).toEqual({ all: ofInstance, bare: [] });
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await detailsOf(run.id)).toContain('**cancelled** since');
});

it("Temporal's metadata query describes the messages of a batch and its parts", async () => {
  await harness.work([harness.cloud('verda')]);
  const batch = await startBatch(harness.client, job('name: told\ncommand: "true"\n'), [{}], { id: 'told' });
  await batch.result();
  expect(await handlersOf('told')).toEqual({ all: ['drain', 'itemFailed', 'status'], bare: [] });
  expect(await handlersOf('told/part-0')).toEqual({ all: ['drain', 'results', 'status'], bare: [] });
});
