import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, createCloud, type Vendor } from '@gpu-clouds/clouds';
import { type Clock, systemClock } from '@gpu-clouds/core';
import { deriveSshKey, localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { createActivities } from '../../src/activities/create-activities.ts';
import { openSession, type SshSession } from '../../src/ssh/ssh-session.ts';
import { listFilesThere, unpackThere } from '../../src/ssh/transfer.ts';
import { mockActivity } from '../mock-activity.ts';

/** Of 32 bytes: a password would be stretched, which takes 64 MiB. */
const masterSecret = Buffer.alloc(32, 7).toString('base64');
const instanceName = 'gpuc-memory-test-0-zzzzzz';
/** Lets the worker in at the hostile SSH server. */
export const publicKey = deriveSshKey(masterSecret, instanceName).publicKey;
const secret = 'a secret that output is masked by';

/** Time passes thirty times as fast, so that an answer that never comes times out within seconds. */
const hastyClock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / 30, callback) };

function cloudAt(vendor: Vendor, port: number, clock = systemClock) {
  const url = `http://127.0.0.1:${port}`;
  const env = {
    MASSED_COMPUTE_TOKEN: 'token',
    MASSED_COMPUTE_BASE_URL: url,
    GPU_AI_API_KEY: 'key',
    GPU_AI_BASE_URL: url,
  };
  return createCloud(vendor, { env, clock });
}

function activities(runs: RunStore, clouds: Parameters<typeof createActivities>[0]['clouds'] = new Map()) {
  const env = { GPU_CLOUDS_JOB_SECRETS: 'TOKEN', TOKEN: secret };
  return createActivities({ fleet: 'memory', clouds, masterSecret, runs, env });
}

const addressAt = (port: number) => ({ host: '127.0.0.1', port, user: 'root' });

async function stepInput(port: number) {
  const hostKey = await withSession(port, async (session) => session.hostKey);
  const instance = { instanceName, ssh: addressAt(port), hostKey };
  return { run: 'memory', instance, step: 'command', script: 'true', env: {}, secrets: ['TOKEN'] } as const;
}

async function withSession<T>(port: number, work: (session: SshSession) => Promise<T>): Promise<T> {
  const { privateKey } = deriveSshKey(masterSecret, instanceName);
  // What does not end by itself is ended like a cancelled activity.
  const session = await openSession({ address: addressAt(port), privateKey }, AbortSignal.timeout(10_000));
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

async function* endlessArchive(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024);
}

function findOffers(cloud: Cloud, runs: RunStore): Promise<unknown> {
  const { vendor } = activities(runs, new Map([[cloud.vendor, cloud]]));
  return mockActivity().run(vendor.findOffers, { vendor: cloud.vendor, constraints: {} });
}

/** What a worker does with a hostile vendor or instance that listens on a port. */
export const victims = {
  'find offers': (port, runs) => findOffers(cloudAt('massed-compute', port), runs),
  'find offers in haste': (port, runs) => findOffers(cloudAt('massed-compute', port, hastyClock), runs),
  'list instances': async (port) => (await cloudAt('gpu-ai', port).listInstances()).length,
  'wait for SSH': (port) => withSession(port, () => new Promise(() => undefined)),
  'check the GPUs': async (port, runs) => {
    const input = { ...(await stepInput(port)), outputOffset: 0, gpus: { count: 1, hasDriver: true } };
    return mockActivity().run(activities(runs).follow.runStep, input);
  },
  'follow a step': async (port, runs) => {
    const input = { ...(await stepInput(port)), outputOffset: 0, maxOutput: 0.1 };
    return mockActivity().run(activities(runs).follow.runStep, input);
  },
  'collect files': async (port, runs) => {
    const input = { ...(await stepInput(port)), files: [{ from: 'out', to: 'out' }], maxBytes: 256 * 1024 ** 2 };
    return mockActivity().run(activities(runs).follow.collectFiles, input);
  },
  'list files': (port) => withSession(port, (session) => listFilesThere(session, 'out', 10_000)),
  'upload files': (port) => withSession(port, (session) => unpackThere(session, endlessArchive(), 'in')),
} satisfies Record<string, (port: number, runs: RunStore) => Promise<unknown>>;

export type Victim = keyof typeof victims;

/** Does it, and returns the result or the failure in words. */
export async function outcomeOf(victim: Victim, port: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-memory-'));
  try {
    return JSON.stringify(await victims[victim](port, localRunStore(folder))) ?? 'nothing';
  } catch (error) {
    return String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
