import { leaseCost, leaseInstance, leaseSummary, startJob } from '@gpu-clouds/jobs';
import { FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

/** A run whose command lasts until the test ends it, on a cloud with one offer of $1 per hour. */
async function running(limits: string) {
  const cloud = harness.cloud('verda', 1);
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job(`name: priced\ncommand: echo started; sleep 600\nlimits: ${limits}\n`),
  );
  await until(async () => (await outputOf(harness.runs, run.id)).includes('started'), 'the command');
  return { cloud, run };
}

it('a run ends when the vendor raises the price above maxPricePerHour', async () => {
  const { cloud, run } = await running('{ maxPricePerHour: 2 }');
  cloud.faults.price = 2.5;
  await expect(run.result()).rejects.toMatchObject({
    kind: 'price-exceeded',
    message: expect.stringContaining('$2.5000 per hour at verda, above maxPricePerHour ($2)'),
  });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('an instance that still boots is released when the vendor raises the price above maxPricePerHour', async () => {
  const cloud = harness.cloud('verda', 1);
  cloud.faults.neverBoots = true;
  cloud.faults.price = 2.5;
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: dear\ncommand: "true"\nlimits: { maxPricePerHour: 2 }\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'price-exceeded' });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

/** A cloud whose instances run and refuse every login. */
const withoutLogin = (price: number) =>
  new FakeCloud('verda', [{ pricePerHour: price }], harness.ssh.address, () => undefined);

it('an instance on which SSH does not answer is released when the vendor raises the price above maxPricePerHour', async () => {
  const cloud = withoutLogin(1);
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: silent\ncommand: "true"\nlimits: { maxPricePerHour: 2 }\n'));
  await until(async () => (await run.status()).current?.ssh, 'an address');
  cloud.faults.price = 2.5;
  await expect(run.result()).rejects.toMatchObject({
    kind: 'price-exceeded',
    message: expect.stringContaining('$2.5000 per hour at verda, above maxPricePerHour ($2)'),
  });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('an instance that is lost before SSH answers is replaced by the next offer', async () => {
  const [cheap, dear] = [withoutLogin(1), harness.cloud('tensordock', 2)];
  await harness.work([cheap, dear]);
  const run = await startJob(harness.client, job('name: gone\ncommand: "true"\n'));
  await until(async () => (await run.status()).current?.ssh, 'an address');
  cheap.instances.clear();
  expect(await run.result()).toMatchObject({
    outcome: 'succeeded',
    failures: [{ vendor: 'verda', kind: 'lost' }],
  });
  expect([cheap.left, dear.left]).toEqual([0, 0]);
});

it('a run reaches maxCost at the price that the vendor reports', async () => {
  const { cloud, run } = await running('{ maxCost: 100 }');
  cloud.faults.price = 1_000_000;
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  expect(cloud.left).toBe(0);
});

it('time before a price change counts at the earlier price', async () => {
  const { cloud, run } = await running('{ maxDuration: 1h }');
  cloud.faults.price = 3600;
  await until(async () => (await run.status()).current?.pricePerHour === 3600, 'the new price');
  const { current, costSoFar } = await run.status();
  const since = Date.parse(current?.earlierPrices?.[0]?.until ?? '');
  expect(current?.earlierPrices).toMatchObject([{ pricePerHour: 1 }]);
  // A dollar a second since the price rose, and next to nothing before.
  expect(costSoFar).toBeLessThanOrEqual((Date.now() - since) / 1000 + 0.1);
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
});

it('the cost of an ended lease counts each price for its time, also without a worker', async () => {
  const cloud = harness.cloud('verda', 1);
  await harness.work([cloud]);
  const { client } = harness;
  const lease = await leaseInstance(client, { offer: offerOf('verda', 'verda-0'), ttl: '1h', name: 'priced' });
  await until(async () => (await leaseSummary(client, lease.id))?.state === 'ready', 'the instance');
  cloud.faults.price = 3600;
  await until(async () => (await leaseSummary(client, lease.id))?.pricePerHour === 3600, 'the new price');
  await lease.release();
  await lease.ended();
  await harness.rest();

  const summary = await leaseSummary(client, lease.id);
  expect(summary).toMatchObject({ pricePerHour: 3600, earlierPrices: [{ pricePerHour: 1 }] });
  const { startedAt, endedAt } = summary ?? {};
  const dearSince = Date.parse(summary?.earlierPrices?.[0]?.until ?? '');
  const cost = ((endedAt?.getTime() ?? 0) - dearSince) / 1000 + (dearSince - (startedAt?.getTime() ?? 0)) / 3_600_000;
  expect(summary && leaseCost(summary, Date.now())).toBeCloseTo(cost, 6);
});

it('a reported price below the offer does not count', async () => {
  const cloud = harness.cloud('verda', 1);
  cloud.faults.price = 0.01;
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: cheap\ncommand: "true"\n'));
  await run.result();
  expect((await run.status()).instances).toMatchObject([{ pricePerHour: 1 }]);
});
