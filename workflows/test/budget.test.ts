import { budgetFacts, clearBudget, leaseInstance, listLeases, setBudget, startBatch, startJob } from '@gpu-clouds/jobs';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';
import { resetToTheBeginning } from './reset-run.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
beforeEach(async () => {
  cloud = harness.cloud('verda', 4);
  await harness.work([cloud]);
});
afterEach(async () => {
  await clearBudget(harness.client);
  await harness.rest();
});
afterAll(() => harness.close());

/** $4 per hour. */
const offer = { ...offerOf('verda', 'verda-0'), pricePerHour: 4 };

it('a lease reserves what it may cost before it is created, and returns what it did not spend', async () => {
  await setBudget(harness.client, { dollars: 10, per: 'day' });
  const lease = await leaseInstance(harness.client, { offer, ttl: '2h', maxCost: 6 });
  await lease.ready();
  expect(await budgetFacts(harness.client)).toMatchObject([{ spent: 0, reserved: 6, left: 4 }]);

  const tooMuch = await leaseInstance(harness.client, { offer, ttl: '2h', maxCost: 5 });
  await expect(tooMuch.ready()).rejects.toThrow(
    /budget: The budget is \$10\.00 per day, of which \$4.00 is left until/,
  );
  expect(cloud.creates).toBe(1);

  await lease.release();
  await lease.ended();
  const [facts] = await until(async () => {
    const found = await budgetFacts(harness.client);
    return found[0]?.reserved === 0 ? found : undefined;
  });
  expect(facts?.spent).toBeGreaterThan(0);
  expect(facts?.spent).toBeLessThan(0.5);
});

it('a lease whose cap is tiny reserves ten minutes, so that many of them cannot together exceed the budget', async () => {
  await setBudget(harness.client, { dollars: 1, per: 'day' });
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', maxCost: 0.05 });
  await lease.ready();
  expect((await budgetFacts(harness.client))[0]?.reserved).toBeCloseTo(4 / 6);

  const another = await leaseInstance(harness.client, { offer, ttl: '1s', maxCost: 0.0001 });
  await expect(another.ready()).rejects.toThrow(/budget: The budget is \$1\.00 per day, of which \$0.33 is left until/);
  expect(cloud.creates).toBe(1);
  await lease.release();
  await lease.ended();
});

it('an instance that is older than the budget counts to it, and is not ended by it at once', async () => {
  const lease = await leaseInstance(harness.client, { offer, ttl: '2h', name: 'older' });
  await lease.ready();
  await until(async () => {
    for await (const { name } of listLeases(harness.client, { running: true })) if (name === 'older') return true;
    return false;
  }, 'the lease in the list');
  await setBudget(harness.client, { dollars: 3, per: 'day' });
  const facts = await until(async () => {
    const [found] = await budgetFacts(harness.client);
    return found?.reserved === 0 ? undefined : found;
  }, 'the reservation');
  expect(facts?.reserved).toBeGreaterThan(3.9);
  expect(facts?.left).toBe(0);
  expect(await lease.connection()).toBeDefined();
  await lease.release();
  await lease.ended();
});

it('a lower limit gives an instance no more than it has reserved', async () => {
  await setBudget(harness.client, { dollars: 10, per: 'day' });
  const lease = await leaseInstance(harness.client, { offer, ttl: '2h', name: 'keeps' });
  await lease.ready();
  const [before] = await budgetFacts(harness.client);
  await until(async () => {
    for await (const { name } of listLeases(harness.client, { running: true })) if (name === 'keeps') return true;
    return false;
  }, 'the lease in the list');
  await setBudget(harness.client, { dollars: 2, per: 'day' });
  // The owner answers a query after all signals that it had before.
  await lease.facts();
  expect(await budgetFacts(harness.client)).toMatchObject([
    { limit: { dollars: 2 }, reserved: before?.reserved, left: 0 },
  ]);
  const { events = [] } = await harness.client.workflow.getHandle(lease.id).fetchHistory();
  const signals = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
  expect(signals).toEqual(['budgetDecision']);
  await lease.release();
  await lease.ended();
});

it('an instance whose create was never answered and that no list shows counts to the budget as if it existed', async () => {
  await setBudget(harness.client, { dollars: 10, per: 'day' });
  cloud.faults.create = Array.from({ length: 9 }, () => 'lost');
  cloud.faults.hiddenFor = Number.POSITIVE_INFINITY;
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await until(() => cloud.creates > 0, 'the create');
  await lease.release();
  expect(await lease.ended()).toEqual({ why: 'released', neverExisted: true });
  const facts = await until(async () => {
    const [found] = await budgetFacts(harness.client);
    return found?.reserved === 0 ? found : undefined;
  }, 'the settlement');
  expect(facts.spent).toBeGreaterThan(0);
});

it('a lease that is reset after it was refused asks the budget again', async () => {
  await setBudget(harness.client, { dollars: 3, per: 'day' });
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await expect(lease.ready()).rejects.toThrow(/budget: The budget is \$3\.00 per day/);
  await setBudget(harness.client, { dollars: 10, per: 'day' });
  await resetToTheBeginning(harness.client, lease.id);
  await lease.ready();
  expect(await budgetFacts(harness.client)).toMatchObject([{ reserved: 4 }]);
  await lease.release();
  await lease.ended();
});

it('a lease without a budget is created at once', async () => {
  const lease = await leaseInstance(harness.client, { offer, ttl: '2h' });
  await lease.ready();
  await lease.release();
  await lease.ended();
});

it('a run that does not fit the budget fails before it rents anything, and says what is left', async () => {
  await setBudget(harness.client, { dollars: 3, per: 'day' });
  const run = await startJob(harness.client, job('name: large\ncommand: "true"\nlimits: { maxDuration: 4h }\n'), {
    id: 'large',
  });
  await expect(run.result()).rejects.toMatchObject({
    kind: 'budget',
    message: expect.stringMatching(/of which \$3.00 is left until .* \$4.00 is needed/),
  });
  expect([cloud.creates, cloud.left]).toEqual([0, 0]);
});

it('a run that may wait starts once the budget has room again', async () => {
  await setBudget(harness.client, { dollars: 5, per: 'day' });
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', maxCost: 4 });
  await lease.ready();
  const run = await startJob(
    harness.client,
    job('name: patient\ncommand: echo done\nretry: { onNoOffer: 1h }\nlimits: { maxDuration: 1h }\n'),
  );
  const waiting = await until(async () => (await run.status()).waiting, 'the wait');
  expect(waiting).toMatchObject({ reason: 'budget', message: expect.stringContaining('$1.00 is left') });
  expect((await budgetFacts(harness.client))[0]?.waiting).toBe(1);
  await lease.release();
  await lease.ended();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect(await run.status()).not.toHaveProperty('waiting.reason');
  await until(async () => (await budgetFacts(harness.client))[0]?.reserved === 0, 'the settlement');
});

it('the items of a batch wait for the budget, and share it', async () => {
  await setBudget(harness.client, { dollars: 5, per: 'day' });
  let atOnce = 0;
  cloud.faults.onCreate = async () => {
    atOnce = Math.max(atOnce, cloud.instances.size + 1);
  };
  const items = Array.from({ length: 3 }, (_, index) => ({ env: { ITEM: String(index) } }));
  const batch = await startBatch(
    harness.client,
    job('name: many\ncommand: "true"\nlimits: { maxDuration: 1h, maxCost: 3 }\n'),
    items,
  );
  expect(await batch.result()).toMatchObject({ outcome: 'succeeded' });
  expect([cloud.creates, atOnce, cloud.left]).toEqual([3, 1, 0]);
});

it('a terminated run that waited for the budget does not keep the money that it was granted', async () => {
  await setBudget(harness.client, { dollars: 5, per: 'day' });
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', maxCost: 4 });
  await lease.ready();
  const run = await startJob(harness.client, job('name: gone\ncommand: "true"\nretry: { onNoOffer: 1h }\n'));
  await until(async () => (await budgetFacts(harness.client))[0]?.waiting === 1, 'the wait');
  await harness.client.workflow.getHandle(run.id).terminate();
  await lease.release();
  await lease.ended();
  const facts = await until(async () => {
    const [found] = await budgetFacts(harness.client);
    return found?.waiting === 0 && found.reserved === 0 ? found : undefined;
  }, 'the ledger');
  expect(facts.left).toBeGreaterThan(4.5);
});
