import { startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

it('a job tries the offers of its first alternative before cheaper offers of the second', async () => {
  const [dear, cheap] = [harness.cloud('verda', 9), harness.cloud('tensordock', 1)];
  dear.faults.create = ['no-capacity'];
  await harness.work([dear, cheap]);
  const anyOf = '[{ vendors: [verda] }, { vendors: [tensordock] }]';
  const run = await startJob(harness.client, job(`name: ordered\ncommand: "true"\nresources: { anyOf: ${anyOf} }\n`));
  expect(await run.result()).toMatchObject({
    outcome: 'succeeded',
    offer: { vendor: 'tensordock' },
    failures: [{ vendor: 'verda', kind: 'no-capacity' }],
  });
});

it('a job says what it needs and where it asked if no cloud has an offer', async () => {
  await harness.work([harness.cloud('verda', 9)]);
  const anyOf = '[{ gpu: H100, spot: only }, { gpu: [A100, H200], count: 2, maxPricePerHour: 3 }]';
  const run = await startJob(harness.client, job(`name: picky\ncommand: "true"\nresources: { anyOf: ${anyOf} }\n`));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'no-offer',
    message: expect.stringContaining('1 × H100, spot, or 2 × A100 or H200, up to $3 per hour. Asked: verda.'),
  });
});

it('a job that may wait runs on the first offer that appears', async () => {
  const cloud = harness.cloud('verda', 1);
  cloud.faults.available = 0;
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: patient\ncommand: "true"\nretry: { onNoOffer: 1h }\n'));
  const waiting = await until(async () => (await run.status()).waiting, 'the wait');
  expect(waiting).toMatchObject({ reason: 'no-offer', message: expect.stringContaining('Asked: verda.') });
  cloud.faults.available = 1;
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect(cloud.left).toBe(0);
});
