import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Offer, SshAddress } from '@gpu-clouds/clouds/pure';
import { localRunStore, parseJob, type RunStore } from '@gpu-clouds/jobs';
import { FakeCloud, offerOf } from '@gpu-clouds/jobs/test';
import { Client } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cutShort, reasons } from '../../test/cancelling.ts';
import { FakeJobs } from '../../test/fake-jobs.ts';
import { mockActivity } from '../../test/mock-activity.ts';
import type { NotifyInput } from './contract.ts';
import { type Activities, createActivities } from './create-activities.ts';

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
type AllActivities = Intersection<Activities[keyof Activities]>;
type Name = keyof AllActivities;

/** One activity at work on something that does not come to its end. */
interface Case {
  readonly begin: (environment: MockActivityEnvironment) => Promise<unknown>;
  readonly underWay: () => boolean;
  /** What it answers once what it waits for has come. Left out: it lets go when its attempt ends, and leaves all as it is. */
  readonly answers?: () => unknown;
  readonly environment?: MockActivityEnvironment | undefined;
}

const instanceName = 'gpuc-default-run-0';
const ref = { vendor: 'verda', instanceName } as const;
const run = 'run';
const offer: Offer = offerOf('verda', 'a');
const endpoint = 'https://jobs.test/x';

/** Takes connections and never says a word, as an instance does that is half dead. */
let silent: Server;
let ssh: SshAddress;
let connections: number;
/** From when on the instance takes no connections any more. */
let dead: () => boolean;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  await writeFile(join(folder, 'input.txt'), 'a file of the job');
  silent = createServer((socket) => {
    connections += 1;
    if (dead()) socket.destroy();
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
let jobs: FakeJobs;
let runs: RunStore;
let activities: AllActivities;
/** What somebody was asked who does not answer yet. */
let asked: number;
let answer: () => void;
let answered: Promise<void>;
beforeEach(async () => {
  connections = 0;
  dead = () => false;
  asked = 0;
  answered = new Promise((resolve) => {
    answer = resolve;
  });
  cloud = new FakeCloud('verda', [{}], ssh);
  jobs = new FakeJobs();
  runs = localRunStore(join(folder, 'runs'));
  await runs.putFile(run, 'checkpoints/1.tar', content());
  const { job, vendor, watch, follow } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', Object.assign(cloud, { jobs })]]),
    masterSecret: 'sixteen characters',
    runs,
    timing: { pollIntervalMs: 1, watchIntervalMs: 1, consistencyWindowMs: 60_000 },
    secrets: () => `http://127.0.0.1:${ssh.port}`,
    notifyPrivate: true,
  });
  activities = { ...job, ...vendor, ...watch, ...follow };
});

async function* content() {
  yield Buffer.from('a checkpoint');
}

function waits(): Promise<void> {
  asked += 1;
  return answered;
}

async function rented(): Promise<string> {
  return (await cloud.createInstance({ offer, name: instanceName, publicKey: '' })).id;
}

/** Asks again and again for something that stays as it is. */
const price = () => ({ pricePerHour: 1, pricedAt: Date.now(), orderedPricePerHour: 1 });
const looks = () => {
  let count = 0;
  const list = cloud.listInstances.bind(cloud);
  cloud.listInstances = () => {
    count += 1;
    return list();
  };
  return () => count > 2;
};
const offers = (options: { readonly signal?: AbortSignal } = {}) => {
  asked += 1;
  return new Promise<never>((_, reject) =>
    options.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
  );
};
const search = { vendor: 'verda', constraints: { spot: 'never' } } as const;
const signal = { step: 'command', signal: 'TERM' } as const;
const reached = () => ({ instance: { instanceName, ssh, hostKey: 'SHA256:any' }, secrets: [] });
const connects = () => connections > 0;
const waited = () => asked > 0;

const cases: Record<Name, () => Promise<Case> | Case> = {
  prepareJob: () => {
    runs.check = waits;
    const input = { fleet: 'default', job: parseJob('name: a\ncommand: "true"\n', '/job.yaml') };
    return {
      begin: (environment) => environment.run(activities.prepareJob, input),
      underWay: waited,
      answers: () => ({ vendors: ['verda'] }),
    };
  },
  outputSize: () => {
    runs.outputSize = () => waits().then(() => 7);
    return {
      begin: (environment) => environment.run(activities.outputSize, run),
      underWay: waited,
      answers: () => 7,
    };
  },
  servedClouds: () => ({
    begin: (environment) => environment.run(activities.servedClouds, 'default'),
    underWay: () => true,
    answers: () => ['verda'],
  }),
  followRuns: () => {
    const describes = async () => {
      asked += 1;
      return { type: 'runJob', memo: { batch: 'b' }, status: { name: 'RUNNING' } };
    };
    const client = Object.assign(new Client(), { workflow: { getHandle: () => ({ describe: describes }) } });
    return {
      begin: (environment) => environment.run(activities.followRuns, { batch: 'b', ids: ['b-0'] }),
      underWay: () => asked > 2,
      environment: mockActivity({}, client),
    };
  },
  awaitClosed: () => {
    const describe = () => waits().then(() => ({ status: { name: 'TERMINATED' } }));
    const client = Object.assign(new Client(), { workflow: { getHandle: () => ({ describe }) } });
    return {
      begin: (environment) => environment.run(activities.awaitClosed, [{ workflowId: run }]),
      underWay: waited,
      answers: () => [{ workflowId: run }],
      environment: mockActivity({}, client),
    };
  },
  earlierInstance: () => {
    const describe = () => waits().then(() => ({ type: 'instance', memo: { run: 'another run' } }));
    const client = Object.assign(new Client(), { workflow: { getHandle: () => ({ describe }) } });
    return {
      begin: (environment) => environment.run(activities.earlierInstance, { owner: 'gpuc-default-run-0', run }),
      underWay: waited,
      answers: () => undefined,
      environment: mockActivity({}, client),
    };
  },
  evictRun: () => {
    const { instance } = reached();
    const input = { instance, folder: 'run-1-a' };
    return { begin: (environment) => environment.run(activities.evictRun, input), underWay: connects };
  },
  watchIdleness: () => {
    const { instance } = reached();
    const input = { instance, gpuCount: 1, forSeconds: 600 };
    return { begin: (environment) => environment.run(activities.watchIdleness, input), underWay: connects };
  },
  sendNotification: () => {
    const input: NotifyInput = {
      id: 'a',
      webhook: { webhook: 'HOOK', on: ['failed'], format: 'slack' },
      notification: {
        type: 'run.failed',
        timestamp: '2026-11-28T03:00:00Z',
        data: { run, name: 'a', fleet: 'default', startedAt: '2026-11-28T03:00:00Z', dollars: 0, overBudget: false },
      },
    };
    return { begin: (environment) => environment.run(activities.sendNotification, input), underWay: connects };
  },
  findOffers: () => {
    cloud.listOffers = offers;
    return {
      begin: (environment) => environment.run(activities.findOffers, search),
      underWay: waited,
    };
  },
  createInstance: () => {
    cloud.faults.onCreate = waits;
    return {
      begin: (environment) => environment.run(activities.createInstance, { ...ref, offer }),
      underWay: waited,
      answers: () => ({ instanceId: [...cloud.instances.keys()][0], keyId: expect.any(String) }),
    };
  },
  awaitRunning: async () => {
    cloud.faults.neverBoots = true;
    const input = { ...ref, instanceId: await rented(), createdAt: Date.now(), ...price() };
    return { begin: (environment) => environment.run(activities.awaitRunning, input), underWay: looks() };
  },
  watchInstance: async () => {
    const input = { ...ref, instanceId: await rented(), createdAt: Date.now(), ...price() };
    return { begin: (environment) => environment.run(activities.watchInstance, input), underWay: looks() };
  },
  destroyInstance: async () => {
    cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
    const input = { ...ref, instanceId: await rented(), volumeIds: [] };
    return { begin: (environment) => environment.run(activities.destroyInstance, input), underWay: looks() };
  },
  findJobOffers: () => {
    jobs.onCall = (_, signal) => offers(signal === undefined ? {} : { signal });
    return {
      begin: (environment) => environment.run(activities.findJobOffers, search),
      underWay: waited,
    };
  },
  createJobDeployment: () => {
    jobs.onCall = (operation) => (operation === 'create' ? waits() : undefined);
    const container = { image: 'me/job:1', port: 80, health: '/health', path: '/job' };
    const input = { ...ref, offer, container, env: {}, secrets: [], maxSeconds: 600 };
    return {
      begin: (environment) =>
        environment.run(activities.createJobDeployment, input).then(() => [...jobs.jobDeployments.keys()]),
      underWay: waited,
      answers: () => [instanceName],
    };
  },
  awaitJobDeployment: () => {
    jobs.jobDeployments.set(instanceName, 'preparing');
    return {
      begin: (environment) => environment.run(activities.awaitJobDeployment, { ...ref, createdAt: Date.now() }),
      underWay: () => jobs.count('get') > 2,
    };
  },
  submitJob: () => {
    jobs.onCall = waits;
    return {
      begin: (environment) => environment.run(activities.submitJob, { ...ref, endpoint, path: '/job', payload: {} }),
      underWay: waited,
      answers: () => ({ id: jobs.submitted[0] }),
    };
  },
  awaitAnswer: () => {
    const input = { ...ref, run, endpoint, id: 'job-0', submittedAt: Date.now(), secrets: [] };
    return {
      begin: (environment) => environment.run(activities.awaitAnswer, input),
      underWay: () => jobs.count('poll') > 2,
    };
  },
  destroyJobDeployment: () => {
    jobs.jobDeployments.set(instanceName, 'ready');
    jobs.keeps = true;
    return {
      begin: (environment) => environment.run(activities.destroyJobDeployment, ref),
      underWay: () => jobs.count('delete') > 1,
    };
  },
  reapCloud: () => {
    const list = cloud.listInstances.bind(cloud);
    cloud.listInstances = () => waits().then(list);
    return {
      begin: (environment) => environment.run(activities.reapCloud, { ...ref, fleet: 'default', orphansSince: {} }),
      underWay: waited,
      answers: () => ({ destroyed: [], waiting: [], alarms: [], wanted: [], failures: [], orphansSince: {} }),
      environment: mockActivity({}, new Client()),
    };
  },
  awaitSsh: () => ({
    begin: (environment) => environment.run(activities.awaitSsh, { ...ref, ssh, createdAt: Date.now() }),
    underWay: connects,
  }),
  downloadFiles: () => {
    const sources = [{ from: 'https://127.0.0.1:9/x', sha256: 'a'.repeat(64), to: 'x' }];
    return {
      begin: (environment) => environment.run(activities.downloadFiles, { ...reached(), sources }),
      underWay: connects,
    };
  },
  sendFiles: () => ({
    begin: (environment) => environment.run(activities.sendFiles, { ...reached(), run: 'r', files: [] }),
    underWay: connects,
  }),
  uploadFiles: () => {
    const inputs = [{ input: 'ab'.repeat(32), to: 'data' }];
    return {
      begin: (environment) => environment.run(activities.uploadFiles, { ...reached(), inputs }),
      underWay: connects,
    };
  },
  runStep: () => {
    // Who is asked to kill what runs tries to reach the instance once more.
    dead = () => connections > 1;
    const script = { script: 'true', step: 'command', env: {}, outputOffset: 0 } as const;
    return {
      begin: (environment) => environment.run(activities.runStep, { run, ...reached(), ...script }),
      underWay: connects,
    };
  },
  sendSignal: () => ({
    begin: (environment) => environment.run(activities.sendSignal, { ...reached(), ...signal }),
    underWay: connects,
  }),
  collectFiles: () => {
    const files = [{ from: 'result.txt', to: 'result.txt' }];
    return {
      begin: (environment) => environment.run(activities.collectFiles, { run, ...reached(), files }),
      underWay: connects,
    };
  },
  keepCheckpoints: () => {
    const input = { run, ...reached(), folder: 'state', everySeconds: 0.001 };
    return { begin: (environment) => environment.run(activities.keepCheckpoints, input), underWay: connects };
  },
  restoreCheckpoint: () => {
    const input = { run, ...reached(), folder: 'state' };
    return { begin: (environment) => environment.run(activities.restoreCheckpoint, input), underWay: connects };
  },
  dropCheckpoints: () => {
    runs.removeFiles = waits;
    return {
      begin: (environment) => environment.run(activities.dropCheckpoints, run),
      underWay: waited,
      answers: () => undefined,
    };
  },
};

it('there is a case of every activity that workers register', () => {
  expect(Object.keys(activities).toSorted()).toEqual(Object.keys(cases).toSorted());
});

describe.each(reasons)('$reason', (why) => {
  it.each(Object.entries(cases))('%s lets go, or ends what it has sent and tells of it', async (_, made) => {
    const { answers, ...one } = await made();
    const before = [cloud.instances.size, [...jobs.jobDeployments.values()]];
    const end = await cutShort(why, one);
    if (answers === undefined) {
      await expect(end()).rejects.toBeInstanceOf(CancelledFailure);
      expect([cloud.instances.size, [...jobs.jobDeployments.values()]]).toEqual(before);
    } else {
      answer();
      expect(await end()).toEqual(answers());
    }
  });

  it('a teardown that is interrupted is taken up by the next attempt', async () => {
    await (await cutShort(why, await cases.destroyInstance()))().catch(() => undefined);
    cloud.faults.deleteConflicts = 0;
    await mockActivity({ attempt: 2 }).run(activities.destroyInstance, { ...ref, volumeIds: [] });
    expect(cloud.left).toBe(0);
    await (await cutShort(why, await cases.destroyJobDeployment()))().catch(() => undefined);
    jobs.keeps = false;
    await mockActivity({ attempt: 2 }).run(activities.destroyJobDeployment, ref);
    expect(jobs.jobDeployments.size).toBe(0);
  });
});
