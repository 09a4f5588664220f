import { type JobHandle, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';
import { resetToTheBeginning } from './reset-run.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const startsOf = async (run: JobHandle) => (await outputOf(harness.runs, run.id)).split('started').length - 1;
const endsAtSecond = (name: string) =>
  `command: echo started >> ${name}; echo started; [ "$(wc -l < ${name})" -ge 2 ] || sleep 600\n`;

it('a run that is reset starts again, and none of its earlier instances is left', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job(`name: again\n${endsAtSecond('again')}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  await resetToTheBeginning(harness.client, run.id);
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded' });
  await until(() => cloud.left === 0, 'the end of every instance');
});

it('a run that is reset after a failover releases its earlier instance and continues', async () => {
  const [cheap, next] = [harness.cloud('tensordock', 1), harness.cloud('verda', 2)];
  await harness.work([cheap, next]);
  cheap.faults.create = ['no-capacity', 'no-capacity'];
  const run = await startJob(harness.client, job(`name: over\n${endsAtSecond('over')}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  await resetToTheBeginning(harness.client, run.id);
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded' });
  await until(() => cheap.left + next.left === 0, 'the end of every instance');
});
