import { type JobHandle, startJob } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

/** Ends by itself at the start with this number, counted over all instances. */
const endsAt = (start: number, name: string) =>
  `command: echo started >> ${name}; echo started; [ "$(wc -l < ${name})" -ge ${start} ] || sleep 600\n`;

async function takeBack(run: JobHandle, cloud: FakeCloud, starts: number): Promise<void> {
  await until(
    async () => (await outputOf(harness.runs, run.id)).split('\n').length > starts,
    `start ${starts} of the command`,
  );
  cloud.instances.clear();
}

it('after a preemption, another offer is tried before the preempted one', async () => {
  const [cheap, next] = [harness.cloud('tensordock', 1, true), harness.cloud('verda', 2, true)];
  await harness.work([cheap, next]);
  const run = await startJob(
    harness.client,
    job(`name: spot\nresources: { spot: only }\n${endsAt(3, 'spot-only')}retry: { onPreemption: 2 }\n`),
  );
  await takeBack(run, cheap, 1);
  await takeBack(run, next, 2);
  const result = await run.result();
  expect(result).toMatchObject({
    outcome: 'succeeded',
    offer: { vendor: 'tensordock' },
    failures: [
      { vendor: 'tensordock', kind: 'preempted' },
      { vendor: 'verda', kind: 'preempted' },
    ],
  });
  expect([cheap.creates, next.creates, cheap.left, next.left]).toEqual([2, 1, 0, 0]);
});

it('after more preemptions than retry.onPreemption, a job uses on-demand instances', async () => {
  const [spot, otherSpot, dear] = [
    harness.cloud('tensordock', 1, true),
    harness.cloud('gpu-ai', 1, true),
    harness.cloud('verda', 9),
  ];
  await harness.work([spot, otherSpot, dear]);
  const run = await startJob(
    harness.client,
    job(`name: fall-back\nresources: { spot: allow }\n${endsAt(2, 'fall-back')}retry: { onPreemption: 0 }\n`),
  );
  await takeBack(run, otherSpot, 1);
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', offer: { vendor: 'verda', spot: false } });
  expect([spot.creates, otherSpot.creates, dear.creates]).toEqual([0, 1, 1]);
});

it('a job that accepts only spot instances fails after too many preemptions', async () => {
  const spot = harness.cloud('tensordock', 1, true);
  await harness.work([spot]);
  const run = await startJob(
    harness.client,
    job(`name: given-up\nresources: { spot: only }\n${endsAt(9, 'given-up')}retry: { onPreemption: 1 }\n`),
  );
  await takeBack(run, spot, 1);
  await takeBack(run, spot, 2);
  await expect(run.result()).rejects.toMatchObject({
    kind: 'preempted',
    message: expect.stringContaining('raise retry.onPreemption'),
  });
  expect([spot.creates, spot.left]).toEqual([2, 0]);
});
