import { formatOwnerId } from '@gpu-clouds/clouds/pure';
import { clearBudget, leaseInstance, setBudget, startJob } from '@gpu-clouds/jobs';
import { budgetNames, budgetWorkflowId, idleGpusSignalName, leaseSignalNames } from '@gpu-clouds/jobs/contract';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
beforeEach(async () => {
  cloud = harness.cloud('verda', 2);
  await harness.work([cloud]);
});
afterEach(async () => {
  await clearBudget(harness.client);
  await harness.rest();
});
afterAll(() => harness.close());

/** Whoever reaches the namespace can send these: by mistake from a shell, or from another language. */
const odd = [[], [null], ['text'], [7], [[]], [{}], [{ id: '', run: '', execution: '' }], [{ id: 'x'.repeat(2_000) }]];

async function sendOdd(workflowId: string, ...names: readonly string[]): Promise<void> {
  const handle = harness.client.workflow.getHandle(workflowId);
  for (const name of names) for (const input of odd) await handle.signal(name, ...input);
}

it('a budget holds whatever signals its ledger gets', async () => {
  await setBudget(harness.client, { dollars: 5, per: 'day' });
  const ledger = budgetWorkflowId('default');
  await sendOdd(ledger, budgetNames.request, budgetNames.settle);
  const handle = harness.client.workflow.getHandle(ledger);
  await handle.signal(budgetNames.change, { limit: null });
  await handle.signal(budgetNames.change, { limit: { dollars: 'much', per: 'day' } });
  const request = { dollars: 1, pricePerHour: 1, deadline: Date.now() + 60_000 };
  await handle.signal(budgetNames.request, { ...request, id: '' });
  await handle.signal(budgetNames.request, { ...request, id: 'who', existsSince: -1e300 });

  const offer = { ...offerOf('verda', 'verda-0'), pricePerHour: 100 };
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await expect(lease.ready()).rejects.toThrow(/budget: The budget is \$5\.00 per day, of which \$5\.00 is left/);
  expect(cloud.creates).toBe(0);
});

it('a lease can be released whatever signals it gets', async () => {
  const lease = await leaseInstance(harness.client, { offer: offerOf('verda', 'verda-0'), ttl: '1h' });
  await lease.ready();
  await sendOdd(lease.id, leaseSignalNames.use, leaseSignalNames.leave, 'accountSuspect', budgetNames.decision);
  await harness.client.workflow
    .getHandle(lease.id)
    .signal(leaseSignalNames.use, { run: 'somebody', execution: 'not a run ID' });
  await lease.release();
  expect(await lease.ended()).toMatchObject({ why: 'released' });
  expect(cloud.left).toBe(0);
});

it('a run succeeds whatever signals it gets', async () => {
  const run = await startJob(harness.client, job('name: steady\ncommand: "until [ -e go ]; do sleep 0.1; done"\n'));
  await until(async () => (await run.status()).phase === 'running', 'the command');
  await sendOdd(run.id, 'instanceChanged', idleGpusSignalName, leaseSignalNames.share);
  expect((await run.status()).phase).toBe('running');
  const owner = formatOwnerId({ fleet: 'default', run: run.id, ordinal: 0 });
  await sendOdd(owner, 'accountSuspect', budgetNames.decision);
  await run.stop();
  expect(await run.result()).toMatchObject({ failures: [] });
  await until(() => cloud.left === 0, 'the end of the instance');
});
