import { registerSearchAttributes, searchAttributesRegistered, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

async function found(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of harness.client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

it('searchable runs need the search attributes, and are then found by phase and vendor', async () => {
  await harness.work([harness.cloud('verda')]);
  const model = job('name: sought\ncommand: sleep 600\n');
  await expect(startJob(harness.client, model, { id: 'early', searchable: true })).rejects.toThrow(
    'registerSearchAttributes',
  );

  const connection = await Connection.connect({ address: harness.server.address });
  expect(await searchAttributesRegistered(connection)).toBe(false);
  await registerSearchAttributes(connection);
  await registerSearchAttributes(connection);
  expect(await until(() => searchAttributesRegistered(connection), 'the attributes in the list')).toBe(true);
  await connection.close();
  const run = await until(
    () => startJob(harness.client, model, { id: 'sought', searchable: true }).catch(() => undefined),
    'the attributes on all parts of the server',
  );
  await until(async () => (await run.status()).phase === 'running');
  const query = "GpuCloudsPhase = 'running' AND GpuCloudsVendor = 'verda'";
  await until(async () => (await found(query)).length > 0, 'the run in the search');
  expect(await found(query)).toEqual(['sought']);
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
  await until(async () => (await found("GpuCloudsPhase = 'finished'")).length > 0, 'its end in the search');
});
