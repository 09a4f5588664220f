import { startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

const plain = 'name: plain\ncommand: echo done\n';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

it('when an instance cannot be rented, the run notes the failure and tries the next offer', async () => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  cheap.faults.create = ['no-capacity'];
  await harness.work([dear, cheap]);
  const result = await (await startJob(harness.client, job(plain))).result();
  expect(result).toMatchObject({ outcome: 'succeeded', offer: { vendor: 'verda' } });
  expect(result.failures).toMatchObject([
    { vendor: 'tensordock', kind: 'no-capacity', message: 'tensordock says no-capacity.' },
  ]);
  expect([cheap.left, dear.left, cheap.creates, dear.creates]).toEqual([0, 0, 1, 1]);
});

it.each(['invalid', 'funds'] as const)('a create that fails with %s ends the run at once', async (kind) => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  cheap.faults.create = [kind];
  await harness.work([dear, cheap]);
  const run = await startJob(harness.client, job(plain));
  await expect(run.result()).rejects.toMatchObject({ kind, message: `tensordock says ${kind}.` });
  expect([cheap.creates, dear.creates, cheap.left]).toEqual([1, 0, 0]);
  expect(await run.status()).toMatchObject({
    phase: 'finished',
    outcome: 'failed',
    message: `tensordock says ${kind}.`,
  });
});

it('a cloud with wrong credentials is left out, and the failure is noted', async () => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  cheap.faults.offers = 'unauthorized';
  await harness.work([dear, cheap]);
  const result = await (await startJob(harness.client, job(plain))).result();
  expect(result).toMatchObject({
    offer: { vendor: 'verda' },
    failures: [{ vendor: 'tensordock', kind: 'unauthorized' }],
  });
});

it('without any offer, the run fails and names the clouds that did not answer', async () => {
  const only = harness.cloud('tensordock');
  only.faults.offers = 'unauthorized';
  await harness.work([only]);
  const run = await startJob(harness.client, job(plain));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'no-offer',
    message: expect.stringContaining('tensordock: tensordock says unauthorized.'),
  });
});

it('a lost create response never leaves two instances, even if the list lags', async () => {
  const cloud = harness.cloud('tensordock');
  cloud.faults.create = ['lost'];
  cloud.faults.hiddenFor = 5;
  await harness.work([cloud]);
  const result = await (await startJob(harness.client, job(plain))).result();
  expect(result).toMatchObject({ outcome: 'succeeded', failures: [] });
  expect([cloud.creates, cloud.maxSameName, cloud.left]).toEqual([1, 1, 0]);
});

it('an instance that is lost while the command runs is replaced, and the output continues', async () => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  await harness.work([dear, cheap]);
  const run = await startJob(
    harness.client,
    job('name: lost\ncommand: echo started; [ -f second ] || { touch second; sleep 60; }\n'),
  );
  await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
  cheap.instances.clear();
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', offer: { vendor: 'verda' }, failures: [{ kind: 'lost' }] });
  expect(await outputOf(harness.runs, run.id)).toBe('started\nstarted\n');
  expect([cheap.left, dear.left]).toEqual([0, 0]);
});

it('an instance whose delete the cloud refuses at first is destroyed in the end', async () => {
  const cloud = harness.cloud('verda');
  cloud.faults.deleteConflicts = 4;
  await harness.work([cloud]);
  await (await startJob(harness.client, job(plain))).result();
  expect(cloud.left).toBe(0);
});

it('a command that fails ends the run with its exit code, without failover', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: bad\ncommand: exit 7\n'));
  expect(await run.result()).toMatchObject({ outcome: 'failed', exitCode: 7, failures: [] });
  expect(await run.status()).toMatchObject({ phase: 'finished', outcome: 'failed', exitCode: 7 });
  expect(cloud.left).toBe(0);
});

it('a failed setup ends the run before its command', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: bad\nsetup: exit 2\ncommand: echo never\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'setup-failed' });
  expect(await outputOf(harness.runs, run.id)).toBe('');
  expect(cloud.left).toBe(0);
});

it('a missing output file fails the run, and the message names it', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job('name: bad\ncommand: "true"\nfiles: { down: [{ from: model.bin, to: model.bin }] }\n'),
  );
  await expect(run.result()).rejects.toMatchObject({
    kind: 'missing-output',
    message: expect.stringContaining('model.bin'),
  });
});

it('a job that the worker cannot do is refused before anything is rented', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job(`${plain}secrets: [NOBODY_HAS_THIS]\n`));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('NOBODY_HAS_THIS'),
  });
  const other = await startJob(harness.client, job(plain), { fleet: 'other' });
  await expect(other.result()).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('"other"') });
  expect(cloud.creates).toBe(0);
});

it.each(['setup', 'command'])(
  'a %s that leaves no valid exit code fails the run, and the message shows what it left',
  async (step) => {
    const cloud = harness.cloud('verda');
    await harness.work([cloud]);
    const forging = `printf 0x0 > "$(dirname "$0")/exit"; sleep 600`;
    const yaml =
      step === 'setup' ? `name: forged\nsetup: ${forging}\ncommand: "true"\n` : `name: forged\ncommand: ${forging}\n`;
    const run = await startJob(harness.client, job(yaml));
    await expect(run.result()).rejects.toMatchObject({
      kind: 'invalid-exit-code',
      message: expect.stringMatching(
        new RegExp(`The ${step} on \\S+ left "0x0" instead of an exit code from 0 to 255`),
      ),
    });
    expect(await run.status()).toMatchObject({ outcome: 'failed' });
    expect(cloud.left).toBe(0);
  },
);

it('a run id can be used only once', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job(plain), { id: 'only-once' });
  await run.result();
  await expect(startJob(harness.client, job(plain), { id: 'only-once' })).rejects.toThrow(
    'A run "only-once" already exists',
  );
});
