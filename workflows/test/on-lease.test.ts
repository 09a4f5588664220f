import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobHandle, type LeaseHandle, leaseInstance, startJob } from '@gpu-clouds/jobs';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';
import { resetToTheBeginning } from './reset-run.ts';
import { steadyEvents } from './steady-events.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const offer = { ...offerOf('verda', 'verda-0'), gpu: 'H100 SXM', gpuCount: 8 };

async function leased(name: string): Promise<LeaseHandle> {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  return leaseInstance(harness.client, { offer, ttl: '1h', name });
}

const start = (on: LeaseHandle, yaml: string, id: string) =>
  startJob(harness.client, job(`name: ${id}\n${yaml}`), { id, on, runs: harness.runs });
const phaseOf = async (run: JobHandle) => (await run.status()).phase;
const running = (run: JobHandle) => until(async () => (await phaseOf(run)) === 'running', `${run.id} runs`);
const gone = (path: string) =>
  access(path).then(
    () => false,
    () => true,
  );
/** Ends once the file is in the home folder, which all runs share. */
const untilFile = (file: string) => `until [ -f "$HOME/${file}" ]; do sleep 0.1; done`;

it('runs on a lease take turns, each with files, exit code, and folder of its own, and the lease pays', async () => {
  const lease = await leased('turns');
  const files = 'files: { down: [{ from: made.txt, to: made.txt }] }';
  const first = await start(
    lease,
    `command: ls -A; echo "$CUDA_VISIBLE_DEVICES" | tee made.txt; ${untilFile('go')}; exit 3\n${files}\n`,
    'first',
  );
  await running(first);
  const second = await start(lease, `command: ls -A; echo second > made.txt\n${files}\n`, 'second');
  await until(async () => (await second.status()).waiting, 'the queue');
  const third = await start(lease, 'command: echo third\n', 'third');
  const waiting = await until(async () => (await third.status()).waiting, 'the place in the queue');
  expect(waiting).toMatchObject({
    reason: 'lease',
    place: 3,
    message: 'Waits for first, second on the lease turns.',
    until: expect.stringMatching(/^20/),
  });
  expect((await lease.facts()).runs).toEqual([
    { run: 'first', gpus: [0, 1, 2, 3, 4, 5, 6, 7] },
    { run: 'second' },
    { run: 'third' },
  ]);
  await third.cancel();
  await expect(third.result()).rejects.toMatchObject({ kind: 'cancelled' });
  await writeFile(join(harness.ssh.home, 'go'), '');
  expect(await first.result()).toMatchObject({
    outcome: 'failed',
    exitCode: 3,
    outputs: ['made.txt'],
    dollars: 0,
    lease: { id: lease.id, name: 'turns', gpus: [0, 1, 2, 3, 4, 5, 6, 7] },
  });
  expect(await second.result()).toMatchObject({ outcome: 'succeeded', dollars: 0, failures: [] });
  expect(await outputOf(harness.runs, 'first')).toBe('0,1,2,3,4,5,6,7\n');
  expect(await outputOf(harness.runs, 'second')).toBe('');
  expect(await readFile(join(harness.runs.location('second'), 'outputs/made.txt'), 'utf8')).toBe('second\n');
  await until(async () => (await lease.facts()).runs === undefined, 'the lease without runs');
  const left = await readdir(join(harness.ssh.home, '.gpu-clouds'), { withFileTypes: true });
  expect(left.filter((entry) => entry.isDirectory())).toEqual([]);
  expect([cloud.creates, (await lease.facts()).state]).toEqual([1, 'ready']);
  await lease.release();
  expect(await lease.ended()).toEqual({ why: 'released' });
});

it('runs get different GPUs at the same time, and a terminated one is evicted before others get its GPUs', async () => {
  const lease = await leased('shared');
  const one = await start(
    lease,
    'resources: { count: 2 }\ncommand: echo "$CUDA_VISIBLE_DEVICES"; echo $$ > "$HOME/pid"; trap "" TERM; sleep 600\n',
    'one',
  );
  await running(one);
  const two = await start(
    lease,
    `resources: { gpu: "H100:6" }\ncommand: echo "$CUDA_VISIBLE_DEVICES"; ${untilFile('on')}\n`,
    'two',
  );
  await running(two);
  const next = await start(lease, 'resources: { count: 1 }\ncommand: echo "$CUDA_VISIBLE_DEVICES"\n', 'next');
  await until(async () => (await next.status()).waiting?.place === 3, 'the place in the queue');
  const pid = await until(
    () => readFile(join(harness.ssh.home, 'pid'), 'utf8').catch(() => undefined),
    'the process of the command',
  );
  await harness.client.workflow.getHandle('one').terminate();
  expect((await next.result()).lease).toMatchObject({ gpus: [0] });
  // It ignores SIGTERM.
  expect(await gone(`/proc/${pid.trim()}`)).toBe(true);
  await writeFile(join(harness.ssh.home, 'on'), '');
  expect(await two.result()).toMatchObject({ outcome: 'succeeded' });
  expect(await outputOf(harness.runs, 'one')).toBe('0,1\n');
  expect(await outputOf(harness.runs, 'two')).toBe('2,3,4,5,6,7\n');
  await lease.release();
  await lease.ended();
});

it('a run that is reset waits until what it left on the lease is evicted, and runs again', async () => {
  const lease = await leased('again');
  const run = await start(lease, `command: echo started >> "$HOME/starts"; ${untilFile('done')}\n`, 'reset');
  const starts = async () =>
    (await readFile(join(harness.ssh.home, 'starts'), 'utf8').catch(() => '')).split('\n').length - 1;
  await until(async () => (await starts()) === 1, 'the first start');
  await resetToTheBeginning(harness.client, run.id);
  await until(async () => (await starts()) === 2, 'the second start');
  await writeFile(join(harness.ssh.home, 'done'), '');
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded', failures: [] });
  await lease.release();
  await lease.ended();
});

it('a lease that is released gives its runs time for their files, and they fail with lease-ended', async () => {
  const lease = await leased('brief');
  const run = await start(
    lease,
    `command: trap 'echo half > half.txt; exit 0' TERM; sleep 600 & wait
resources: { count: 8 }
files: { down: [{ from: half.txt, to: half.txt }] }
`,
    'cut-short',
  );
  await running(run);
  const waits = await start(lease, 'command: echo never\n', 'never');
  await until(async () => (await waits.status()).waiting, 'the queue');
  await lease.release();
  const failure = { kind: 'lease-ended', message: 'The lease brief ended: it was released.', bill: { dollars: 0 } };
  await expect(run.result()).rejects.toMatchObject(failure);
  await expect(waits.result()).rejects.toMatchObject(failure);
  expect(await lease.ended()).toEqual({ why: 'released' });
  expect(await readFile(join(harness.runs.location('cut-short'), 'outputs/half.txt'), 'utf8')).toBe('half\n');
  expect(cloud.left).toBe(0);
  await expect(start(lease, 'command: echo late\n', 'late')).rejects.toThrow('The lease brief has ended.');
});

it('a run whose lease is lost or terminated ends, and one that the lease does not fit is not started', async () => {
  const lease = await leased('lost');
  await expect(start(lease, 'command: echo no\nresources: { gpu: A100 }\n', 'unfit')).rejects.toThrow(
    "does not meet the job's resources",
  );
  const run = await start(lease, 'command: sleep 600\n', 'bereft');
  await running(run);
  cloud.instances.clear();
  await expect(run.result()).rejects.toMatchObject({
    kind: 'lease-ended',
    message: expect.stringMatching(/^The lease lost ended: lost: /),
  });
  const other = await leaseInstance(harness.client, { offer, ttl: '1h', name: 'terminated' });
  const orphan = await start(other, 'command: sleep 600\n', 'orphan');
  await running(orphan);
  await harness.client.workflow.getHandle(other.id).terminate();
  await expect(orphan.result()).rejects.toMatchObject({
    kind: 'lease-ended',
    message: 'The lease terminated ended: its workflow has closed.',
  });
});

it('a run on a lease ends at its maxDuration, the lease stays, and each run adds few events to its history', async () => {
  const lease = await leased('long');
  await lease.ready();
  const owner = harness.client.workflow.getHandle(lease.id);
  // Anyone can send a signal.
  for (const signal of ['use', 'leave']) await owner.signal(signal);
  const before = await steadyEvents(harness.client, lease.id);
  const run = await start(lease, 'command: sleep 600\nlimits: { maxDuration: 1s }\n', 'short');
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  await until(async () => (await lease.facts()).runs === undefined, 'the lease without runs');
  expect((await lease.facts()).state).toBe('ready');
  expect((await steadyEvents(harness.client, lease.id)) - before).toBeLessThanOrEqual(14);
  expect(await steadyEvents(harness.client, 'short')).toBeLessThanOrEqual(24);
  await lease.release();
  await lease.ended();
});

it('runs end before the maxCost of their lease is used up, so that their files come back', async () => {
  cloud = harness.cloud('verda', 3600);
  await harness.work([cloud]);
  const dear = { ...offer, pricePerHour: 3600 };
  const lease = await leaseInstance(harness.client, { offer: dear, ttl: '2h', name: 'dear', maxCost: 1000 });
  const run = await start(
    lease,
    `command: trap 'echo half > half.txt; exit 0' TERM; sleep 600 & wait
files: { down: [{ from: half.txt, to: half.txt }] }
`,
    'dearly',
  );
  await running(run);
  // About a hundred seconds are left.
  cloud.faults.price = 36_000;
  const message = expect.stringMatching(/^The lease dear ends at 20.+Z, by its TTL or maxCost\.$/);
  await expect(run.result()).rejects.toMatchObject({ kind: 'lease-ended', message });
  expect(await readFile(join(harness.runs.location('dearly'), 'outputs/half.txt'), 'utf8')).toBe('half\n');
  const late = await start(lease, 'command: echo late\n', 'too-late');
  await expect(late.result()).rejects.toMatchObject({ kind: 'lease-ended', message });
  await lease.release();
  await lease.ended();
});
