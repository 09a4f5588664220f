import { leaseInstance, registerSearchAttributes, searchAttributesRegistered, startJob } from '@gpu-clouds/jobs';
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

it('an owner says that all instances of its account vanished at once, until they are back', async () => {
  const cloud = harness.cloud('verda');
  // Longer than a test may take: nothing counts as gone because the list does not show it.
  await harness.work([cloud], {}, { consistencyWindowMs: 600_000 });
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  const lease = (name: string) =>
    leaseInstance(harness.client, { offer, ttl: '10m', name, fleet: 'default', searchable: true });
  const leases = await Promise.all([lease('first'), lease('second')]);
  await Promise.all(leases.map((each) => each.ready()));
  cloud.faults.hideAllFor = Number.POSITIVE_INFINITY;
  await Promise.all(leases.map((each) => each.release()));
  const query = "GpuCloudsAccountSuspect = true AND ExecutionStatus = 'Running'";
  await until(async () => (await found(query)).length === 2, 'the alarms in the search');
  expect((await found(query)).sort()).toEqual(leases.map(({ id }) => id).sort());
  expect(await leases[0].facts()).toMatchObject({ accountSuspectSince: expect.any(String) });
  cloud.faults.hideAllFor = 0;
  await Promise.all(leases.map((each) => each.ended()));
  expect(cloud.left).toBe(0);
  const marks = 'GpuCloudsAccountSuspect = true';
  await until(async () => (await found(marks)).length === 0, 'the end of the alarms');
});
