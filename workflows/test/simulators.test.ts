import { type Cloud, createClouds } from '@gpu-clouds/clouds';
import { type Vendor, vendors } from '@gpu-clouds/clouds/pure';
import { leaseInstance, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators, writes } from '@gpu-clouds/simulators';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

/** Everything real but the clouds' instances: clients over HTTP, Temporal, SSH. */
let harness: Harness;
let simulators: Simulators;
let clouds: ReadonlyMap<Vendor, Cloud>;
beforeAll(async () => {
  harness = await Harness.start();
  simulators = createSimulators({ bootSeconds: 0.5 });
  const endpoints = await simulators.listen();
  const env = Object.assign({}, ...Object.values(endpoints).map((endpoint) => endpoint.env));
  ({ clouds } = createClouds({ env }));
  await harness.work(
    [...clouds.values()],
    {},
    { consistencyWindowMs: 3000, pollIntervalMs: 500, watchIntervalMs: 500, bootTimeoutMs: 12_000 },
  );
});
afterEach(() => simulators.faults.clear());
afterAll(async () => {
  await harness.close();
  await simulators.close();
});

const nothing = { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 };
const left = () => simulators.ledger().left;

it.each(vendors)('a job on %s runs over real SSH and leaves no instance', async (vendor: Vendor) => {
  const run = await startJob(
    harness.client,
    job(
      `name: everywhere\nresources: { vendors: [${vendor}] }\nsetup: echo ready\ncommand: echo "hello from $HOME" > out.txt; cat out.txt\nfiles: { down: [{ from: out.txt, to: out.txt }] }\n`,
    ),
  );
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', failures: [], outputs: ['out.txt'], offer: { vendor } });
  expect(await outputOf(harness.runs, run.id)).toMatch(/^ready\nhello from \/.+\n$/);
  expect(left()).toEqual(nothing);
});

it('a lease of a simulated instance that nobody uses is released', async () => {
  const [offer] = (await clouds.get('gpu-ai')?.listOffers()) ?? [];
  if (offer === undefined) throw new Error('gpu-ai has no offer');
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '3s', name: 'unused' });
  expect(await lease.ended()).toEqual({ why: 'idle' });
  expect(left()).toEqual(nothing);
});

it('a job fails over when the cheapest cloud is sold out, and no instance is left', async () => {
  const first = await startJob(harness.client, job('name: cheapest\ncommand: "true"\n'));
  const { offer } = await first.result();
  await simulators.faults.add({ kind: 'out-of-capacity', vendor: offer.vendor, count: 1 });
  const second = await startJob(harness.client, job('name: next\ncommand: "true"\n'));
  const result = await second.result();
  expect(result.failures).toMatchObject([{ kind: 'no-capacity', vendor: offer.vendor, offer: { id: offer.id } }]);
  expect(left()).toEqual(nothing);
});

it.each(vendors)('a lost create response at %s leaves one instance, then none', async (vendor: Vendor) => {
  await simulators.faults.add({ kind: 'lost-response', vendor, operation: writes[vendor][0] });
  const before = simulators.ledger().instances.length;
  const run = await startJob(harness.client, job(`name: lost\nresources: { vendors: [${vendor}] }\ncommand: "true"\n`));
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect(simulators.ledger().instances.length - before).toBe(1);
  expect(left()).toEqual(nothing);
});

it('a cancelled job on Verda waits until the instance may be deleted, and deletes it', async () => {
  const run = await startJob(
    harness.client,
    job('name: cancelled\nresources: { vendors: [verda] }\ncommand: sleep 600\n'),
  );
  // Mostly it is met while it boots, unless the test is slower than that.
  await until(async () => ['booting', 'running'].includes((await run.status()).phase));
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(left()).toEqual(nothing);
});

it('failed boots, preemptions, hidden instances, and refused deletes leave no instance', async () => {
  await simulators.faults.add(
    { kind: 'accepted-then-failed', vendor: 'verda', count: 1 },
    { kind: 'list-lag', vendor: 'gpu-ai', seconds: 2 },
    { kind: 'preempt', vendor: 'gpu-ai', seconds: 1 },
    { kind: 'never-boots', vendor: 'massed-compute', count: 1 },
    { kind: 'delete-fails', count: 8 },
    { kind: 'http-500', probability: 0.1 },
  );
  const yaml = (vendor: Vendor) =>
    `name: rough\nresources: { vendors: [${vendor}] }\ncommand: sleep 3\nlimits: { maxDuration: 2m }\n`;
  const runs = await Promise.all(vendors.map((vendor) => startJob(harness.client, job(yaml(vendor)))));
  await Promise.allSettled(runs.map((run) => run.result()));
  expect(left()).toEqual(nothing);
  // Which failure each of them meets depends on how far it was; that all of this went by unnoticed would be strange.
  const rough = await Promise.all(runs.map((run) => run.status()));
  expect(rough.flatMap(({ failures }) => failures).length).toBeGreaterThan(1);
}, 120_000);
