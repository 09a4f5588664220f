import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startJob } from '../src/index.ts';
import { Harness, job } from './harness.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

interface Metadata {
  readonly currentDetails?: string;
}

/** What Temporal's UI asks for. */
async function detailsOf(id: string): Promise<string> {
  const handle = harness.client.workflow.getHandle(id);
  return (await handle.query<Metadata>('__temporal_workflow_metadata')).currentDetails ?? '';
}

it("Temporal's own query tells what a run is doing, on which machine, and at what price", async () => {
  const cloud = harness.cloud('verda', 3);
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: shown\ncommand: sleep 600\n'));
  const status = await until(async () => {
    const now = await run.status();
    return now.phase === 'running' ? now : undefined;
  });
  const label = status.current?.label ?? '';
  const details = await detailsOf(run.id);
  expect(details).toContain('**running** since');
  expect(details).toContain(`\`${label}\`: 1 × RTX A6000 at verda (FIN-01), ${status.current?.instanceId}`);
  expect(details).toContain('$3.00 an hour');
  expect(await detailsOf(label)).toContain('**ready**');
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await detailsOf(run.id)).toContain('**cancelled** since');
});
