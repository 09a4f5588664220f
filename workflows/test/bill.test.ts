import { type JobBill, type JobFailedError, type JobHandle, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  await harness.work([harness.cloud('verda', 3600)]);
});
afterAll(() => harness.close());

const start = (yaml: string) => startJob(harness.client, job(yaml));

async function failureOf(run: JobHandle): Promise<JobFailedError> {
  return run.result().then(
    () => expect.fail('it has a result'),
    (error) => error,
  );
}

function phasesOf({ phases }: Partial<JobBill>): readonly string[] | undefined {
  return phases?.map(({ phase }) => phase);
}

/** The bill of the phases is the bill of the run. */
function expectWhole({ phases, dollars }: JobBill): void {
  expect(dollars).toBeGreaterThan(0);
  expect(phases.reduce((sum, each) => sum + each.dollars, 0)).toBeCloseTo(dollars, 6);
}

const untilSetup = ['finding-offers', 'creating', 'booting', 'uploading', 'setting-up', 'destroying'];

it('the error and the status of a failed run have the cost of each phase, also without a worker', async () => {
  const run = await start('name: failing\nsetup: exit 3\ncommand: "true"\n');
  const { kind, bill } = await failureOf(run);
  expect(kind).toBe('setup-failed');
  expectWhole(bill ?? { phases: [], dollars: 0 });
  expect(phasesOf(bill ?? {})).toEqual(untilSetup);
  expect(await run.status()).toMatchObject({ phases: bill?.phases, costSoFar: bill?.dollars });
  await harness.rest();
  expect(await run.status()).toMatchObject({ outcome: 'failed', phases: bill?.phases, costSoFar: bill?.dollars });
  await harness.work([harness.cloud('verda', 3600)]);
});

it('the error of a run that was stopped before its command has the cost of each phase', async () => {
  const run = await start('name: stopping\nsetup: echo begun; sleep 600\ncommand: "true"\n');
  await until(async () => (await outputOf(harness.runs, run.id)).includes('begun'), 'the setup');
  await run.stop();
  const { kind, bill } = await failureOf(run);
  expect(kind).toBe('stopped');
  expectWhole(bill ?? { phases: [], dollars: 0 });
  expect(phasesOf(bill ?? {})).toEqual(untilSetup);
});

it('the status of a cancelled run has the cost of each phase', async () => {
  const run = await start('name: cancelling\nsetup: echo begun; sleep 600\ncommand: "true"\n');
  await until(async () => (await outputOf(harness.runs, run.id)).includes('begun'), 'the setup');
  await run.cancel();
  expect(await failureOf(run)).toMatchObject({ kind: 'cancelled', bill: undefined });
  const { phases = [], costSoFar } = await run.status();
  expectWhole({ phases, dollars: costSoFar });
  expect(phasesOf({ phases })).toEqual(untilSetup);
});
