import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshAddress } from '@gpu-clouds/clouds/pure';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../../test/fake-cloud.ts';
import { mockActivity } from '../../test/mock-activity.ts';
import { until } from '../../test/until.ts';
import { localRuns } from '../runs/local-runs.ts';
import { type Activities, createActivities } from './create-activities.ts';

/** Why Temporal ends an attempt, as the SDK tells it. Only the first means that somebody wants the work undone. */
const reasons = [
  { reason: 'CANCELLED', detail: 'cancelRequested' },
  { reason: 'WORKER_SHUTDOWN', detail: 'workerShutdown' },
  { reason: 'TIMED_OUT', detail: 'timedOut' },
  { reason: 'PAUSED', detail: 'paused' },
  { reason: 'RESET', detail: 'reset' },
  { reason: 'NOT_FOUND', detail: 'notFound' },
] as const;
type Why = (typeof reasons)[number];

const label = 'gpuc-default-run-0';
const ref = { vendor: 'verda', label } as const;
/** Takes connections and never says a word, as a machine does that is half dead. */
let silent: Server;
let ssh: SshAddress;
let connections = 0;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  await writeFile(join(folder, 'input.txt'), 'a file of the job');
  silent = createServer((socket) => {
    connections += 1;
    // It reads, so that it sees who hangs up.
    socket.resume().on('error', () => undefined);
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port }: Partial<AddressInfo> = Object(silent.address());
  ssh = { host: '127.0.0.1', port: port ?? 0, user: 'root' };
});
afterAll(async () => {
  await new Promise<void>((resolve) => silent.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

let cloud: FakeCloud;
let activities: Activities;
beforeEach(() => {
  cloud = new FakeCloud('verda', [{}], ssh);
  activities = createActivities({
    clouds: new Map([['verda', cloud]]),
    masterSecret: 'sixteen characters',
    runs: localRuns(folder),
    timing: { poll: 1, watch: 1, settle: 60_000 },
  });
});

async function rented(): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  return (await cloud.createInstance({ offer, label, publicKey: '' })).id;
}

function cancel(environment: MockActivityEnvironment, { reason, detail }: Why): void {
  environment.cancel(reason, new ActivityCancellationDetails({ [detail]: true }));
}

/** Ends the attempt once it is under way. @returns how it ended */
async function cutShort(
  why: Why,
  work: (environment: MockActivityEnvironment) => Promise<unknown>,
  underWay: () => boolean,
) {
  const environment = mockActivity();
  const working = work(environment);
  working.catch(() => undefined);
  await until(underWay, 'work that is under way');
  cancel(environment, why);
  return working;
}

describe.each(reasons)('$detail', (why) => {
  it('a create that was sent is ended, and told: what it made is known to the workflow', async () => {
    let answer: (() => void) | undefined;
    let asked = false;
    cloud.faults.onCreate = () => {
      asked = true;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const [offer] = await cloud.listOffers();
    if (offer === undefined) throw new Error('the fake cloud has one offer');
    const environment = mockActivity();
    const creating = environment.run(activities.vendor.createInstance, { ...ref, offer });
    await until(() => asked, 'the create call');
    cancel(environment, why);
    answer?.();
    expect(await creating).toMatchObject({ instanceId: [...cloud.instances.keys()][0] });
  });

  it('who waits for a machine, or watches one, lets go of it and leaves it alone', async () => {
    cloud.faults.neverBoots = true;
    const input = { ...ref, instanceId: await rented(), createdAt: Date.now() };
    const { awaitRunning, watchInstance } = activities.vendor;
    for (const activity of [awaitRunning, watchInstance]) {
      const looks = countLooks();
      const waiting = cutShort(
        why,
        (environment) => environment.run(activity, input),
        () => looks() > 2,
      );
      await expect(waiting).rejects.toBeInstanceOf(CancelledFailure);
    }
    expect(cloud.instances.size).toBe(1);
  });

  it('a teardown that is interrupted is taken up by the next attempt', async () => {
    const instanceId = await rented();
    const input = { ...ref, instanceId, volumeIds: [] };
    cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
    const looks = countLooks();
    const { destroyInstance } = activities.vendor;
    const destroying = cutShort(
      why,
      (environment) => environment.run(destroyInstance, input),
      () => looks() > 2,
    );
    await expect(destroying).rejects.toBeInstanceOf(CancelledFailure);
    cloud.faults.deleteConflicts = 0;
    await mockActivity({ attempt: 2 }).run(destroyInstance, input);
    expect(cloud.left).toBe(0);
  });

  it('a cloud that takes its time with its offers is waited for no longer', async () => {
    let asked = false;
    cloud.listOffers = ({ signal } = {}) => {
      asked = true;
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    };
    const input = { vendor: 'verda', constraints: { spot: 'never' } } as const;
    const { findOffers } = activities.vendor;
    const finding = cutShort(
      why,
      (environment) => environment.run(findOffers, input),
      () => asked,
    );
    await expect(finding).rejects.toBeInstanceOf(CancelledFailure);
  });

  it.each(['awaitSsh', 'uploadFiles', 'collectFiles', 'sendSignal', 'keepCheckpoints'] as const)(
    '%s lets go of a machine that does not answer',
    async (name) => {
      const before = connections;
      const ending = cutShort(why, onMachine[name], () => connections > before);
      await expect(ending).rejects.toBeInstanceOf(CancelledFailure);
    },
  );
});

const signal = { step: 'command', signal: 'TERM' } as const;
type OnMachine = (environment: MockActivityEnvironment) => Promise<unknown>;
const target = () => ({ run: 'run', node: 0, machine: { label, ssh, hostKey: 'SHA256:any' } });
const onMachine: Record<'awaitSsh' | 'uploadFiles' | 'collectFiles' | 'sendSignal' | 'keepCheckpoints', OnMachine> = {
  awaitSsh: (environment) =>
    environment.run(activities.follow.awaitSsh, { ...ref, ssh, instanceId: 'id', createdAt: Date.now() }),
  uploadFiles: (environment) =>
    environment.run(activities.follow.uploadFiles, {
      ...target(),
      files: [{ from: join(folder, 'input.txt'), to: 'input.txt' }],
    }),
  collectFiles: (environment) =>
    environment.run(activities.follow.collectFiles, { ...target(), files: [{ from: 'result.txt', to: 'result.txt' }] }),
  sendSignal: (environment) => environment.run(activities.follow.sendSignal, { ...target(), ...signal }),
  keepCheckpoints: (environment) =>
    environment.run(activities.follow.keepCheckpoints, { ...target(), folder: 'state', everySeconds: 0.001 }),
};

function countLooks(): () => number {
  let looks = 0;
  const list = cloud.listInstances.bind(cloud);
  cloud.listInstances = () => {
    looks += 1;
    return list();
  };
  return () => looks;
}
