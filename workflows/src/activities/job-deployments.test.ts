import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudError } from '@gpu-clouds/clouds/pure';
import { localRunStore } from '@gpu-clouds/jobs';
import { bytesOf, FakeCloud, offerOf } from '@gpu-clouds/jobs/test';
import { CancelledFailure } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancel, reasons } from '../../test/cancelling.ts';
import { FakeJobs } from '../../test/fake-jobs.ts';
import { mockActivity } from '../../test/mock-activity.ts';
import { createActivities } from './create-activities.ts';

const instanceName = 'gpuc-default-run-0';
const ref = { vendor: 'verda', instanceName } as const;
const endpoint = 'https://jobs.test/x';
const container = { image: 'me/job:1', port: 80, health: '/health', path: '/job' };
const order = { ...ref, offer: offerOf('verda', 'a'), container, env: {}, secrets: [], maxSeconds: 600 };
const submission = { ...ref, endpoint, path: '/job', payload: {} };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let jobs: FakeJobs;
/** A millisecond passes whenever somebody asks for the time: what may lag for long does so for so many looks. */
let time: number;
beforeEach(() => {
  time = 0;
  jobs = new FakeJobs();
});

function activities() {
  const cloud = Object.assign(new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' }), { jobs });
  const { vendor, watch } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', cloud]]),
    masterSecret: 'sixteen characters',
    runs: localRunStore(folder),
    secrets: (name) => (name === 'TOKEN' ? 'a-secret-token' : undefined),
    timing: { pollIntervalMs: 1, consistencyWindowMs: 20, bootTimeoutMs: 50 },
    now: () => time++,
  });
  return { ...vendor, ...watch };
}

/** @returns What is left to the next attempt. */
function lastBeatOf(environment: MockActivityEnvironment): () => unknown {
  let last: unknown;
  environment.on('heartbeat', (details: unknown) => {
    last = details;
  });
  return () => last;
}

describe('createJobDeployment', () => {
  const create = (environment = mockActivity()) => environment.run(activities().createJobDeployment, order);

  it('gives way to the next offer if the cloud asks for a pause of more than a minute', async () => {
    const limited = { kind: 'rate-limited', vendor: 'verda', operation: 'get', mayHaveTakenEffect: false } as const;
    for (const [retryAfterMs, nonRetryable] of [
      [60_000, false],
      [3_580_000, true],
    ] as const) {
      jobs.onCall = async () => {
        throw new CloudError('Too many requests.', { ...limited, retryAfterMs });
      };
      await expect(create()).rejects.toMatchObject({ type: 'rate-limited', nonRetryable });
    }
  });

  it('adopts the one of its name, be it seen before or in the way of the create', async () => {
    jobs.jobDeployments.set(instanceName, 'preparing');
    await create();
    expect(jobs.count('create')).toBe(0);
    jobs.get = async () => undefined;
    await create();
    expect([jobs.count('create'), jobs.jobDeployments.size]).toEqual([1, 1]);
  });

  it.each([
    ['lost', 1, true],
    ['no-capacity', 1, false],
    // What the attempt before did is not known.
    ['no-capacity', 2, true],
  ] as const)('says whether there may be one: %s in attempt %d', async (fault, attempt, mayHaveTakenEffect) => {
    jobs.faults.create = [fault];
    await expect(create(mockActivity({ attempt }))).rejects.toMatchObject({ details: [{ mayHaveTakenEffect }] });
  });

  it.each(reasons)('makes nothing once its attempt has to end: $reason', async (why) => {
    const environment = mockActivity();
    cancel(environment, why);
    const end = await create(environment).catch((error: unknown) => error);
    // Who cancelled is told that there is nothing to be waited for.
    if (why.reason === 'CANCELLED') expect(end).toBeUndefined();
    else expect(end).toBeInstanceOf(CancelledFailure);
    expect([jobs.count('create'), jobs.jobDeployments.size]).toEqual([0, 0]);
  });
});

describe('awaitJobDeployment', () => {
  const wait = () => activities().awaitJobDeployment;

  it('takes one that is not shown for late, until it should have been', async () => {
    await expect(mockActivity().run(wait(), { ...ref, createdAt: 0 })).rejects.toMatchObject({
      type: 'job-lost',
      nonRetryable: true,
    });
    expect(jobs.count('get')).toBeGreaterThan(15);
  });

  it('asks again after a refusal, which says nothing about the job deployment', async () => {
    const refused = { kind: 'invalid', vendor: 'verda', operation: 'get', mayHaveTakenEffect: false } as const;
    jobs.onCall = async () => {
      throw new CloudError('No.', refused);
    };
    const waiting = mockActivity().run(wait(), { ...ref, createdAt: time });
    await expect(waiting).rejects.toMatchObject({ type: 'invalid', nonRetryable: false });
  });

  it('gives up one that is not ready in its time, and one that somebody deletes', async () => {
    jobs.jobDeployments.set(instanceName, 'preparing');
    const waiting = mockActivity().run(wait(), { ...ref, createdAt: 0 });
    await expect(waiting).rejects.toMatchObject({ type: 'never-ready', nonRetryable: true });
    jobs.jobDeployments.set(instanceName, 'deleting');
    const deleted = mockActivity().run(wait(), { ...ref, createdAt: time });
    await expect(deleted).rejects.toMatchObject({ type: 'job-lost', nonRetryable: true });
  });
});

describe('submitJob', () => {
  const submit = (environment = mockActivity()) => environment.run(activities().submitJob, submission);

  it('is never done again when its answer is lost, by this attempt or by one before', async () => {
    jobs.faults.submit = ['lost'];
    const unknown = { type: 'submission-unknown', nonRetryable: true };
    await expect(submit()).rejects.toMatchObject(unknown);
    await expect(submit(mockActivity({ attempt: 2 }))).rejects.toMatchObject(unknown);
    await expect(submit(mockActivity({ attempt: 3, heartbeatDetails: { clean: 1 } }))).rejects.toMatchObject(unknown);
    expect([jobs.count('submit'), jobs.submitted.length]).toEqual([1, 1]);
  });

  it.each(['rate-limited', 'not-found', 'unavailable'] as const)(
    'is done again after a refusal, which the next attempt is told of: %s',
    async (refusal) => {
      jobs.faults.submit = [refusal];
      const environment = mockActivity();
      const last = lastBeatOf(environment);
      await expect(submit(environment)).rejects.toMatchObject({ type: refusal, nonRetryable: false });
      await submit(mockActivity({ attempt: 2, heartbeatDetails: last() }));
      expect(jobs.submitted.length).toBe(1);
    },
  );

  it.each(reasons)('is left to the next attempt when this one has to end before it: $reason', async (why) => {
    const environment = mockActivity();
    const last = lastBeatOf(environment);
    cancel(environment, why);
    await expect(submit(environment)).rejects.toBeInstanceOf(CancelledFailure);
    expect(jobs.count('submit')).toBe(0);
    await submit(mockActivity({ attempt: 2, heartbeatDetails: last() }));
    expect(jobs.submitted.length).toBe(1);
  });
});

describe('awaitAnswer', () => {
  const input = { ...ref, endpoint, id: 'job-0', secrets: ['TOKEN'] };
  const wait = (run: string, submittedAt: number) =>
    mockActivity().run(activities().awaitAnswer, { ...input, run, submittedAt });

  it('stores what the container answers, without secrets, and again where an earlier attempt had stored it', async () => {
    jobs.says = 'completed';
    jobs.result = async () => ({ succeeded: true, status: 200, body: 'logged in with a-secret-token' });
    for (const _ of [1, 2]) expect(await wait('stored', 0)).toEqual({ succeeded: true, outputs: ['answer.txt'] });
    const runs = localRunStore(folder);
    const [output, file] = [
      runs.readOutput({ run: 'stored', node: 0 }, 0),
      runs.readFile('stored', 'outputs/answer.txt'),
    ];
    const text = (await bytesOf(output)).toString();
    expect(text).toMatch(/^logged in with \S+\n$/);
    expect(text).not.toContain('a-secret-token');
    expect((await bytesOf(file)).toString()).toBe(text);
  });

  it('tells a job that failed without an answer', async () => {
    jobs.says = 'failed';
    expect(await wait('failed', 0)).toMatchObject({ succeeded: false });
  });

  it('takes a job that is not known for late, until it should have been', async () => {
    jobs.faults.poll = ['not-found', 'not-found'];
    await expect(wait('late', 0)).rejects.toMatchObject({ type: 'not-found', nonRetryable: false });
    time = 100;
    await expect(wait('late', 0)).rejects.toMatchObject({ type: 'job-lost', nonRetryable: true });
  });

  it('goes on with a refusal that may pass, and not without a key', async () => {
    jobs.faults.poll = ['invalid', 'unauthorized'];
    await expect(wait('refused', 0)).rejects.toMatchObject({ nonRetryable: false });
    await expect(wait('refused', 0)).rejects.toMatchObject({ type: 'unauthorized', nonRetryable: true });
  });
});

describe('destroyJobDeployment', () => {
  const destroy = (lastCreateAt?: number) =>
    mockActivity().run(activities().destroyJobDeployment, {
      ...ref,
      ...(lastCreateAt !== undefined && { lastCreateAt }),
    });

  it('waits for one that may still turn up, and deletes it', async () => {
    const { get } = jobs;
    let looks = 0;
    jobs.get = (of) => {
      looks += 1;
      if (looks === 2) jobs.jobDeployments.set(instanceName, 'preparing');
      return get.call(jobs, of);
    };
    expect(await destroy(0)).toBe(instanceName);
    expect(jobs.jobDeployments.size).toBe(0);
  });

  it('says whether there was one', async () => {
    expect(await destroy(0)).toBeUndefined();
    jobs.jobDeployments.set(instanceName, 'ready');
    expect(await destroy(0)).toBe(instanceName);
  });

  it('deletes what only the list shows', async () => {
    jobs.jobDeployments.set(instanceName, 'ready');
    jobs.get = async () => undefined;
    await destroy();
    expect(jobs.jobDeployments.size).toBe(0);
  });

  it('waits for the end of one that is being deleted, and does not ask twice', async () => {
    jobs.jobDeployments.set(instanceName, 'ready');
    jobs.delete = async () => {
      jobs.calls.push('delete');
      jobs.jobDeployments.set(instanceName, 'deleting');
      return { accepted: true };
    };
    jobs.onCall = (operation) => {
      if (operation === 'list' && jobs.count('list') === 4) jobs.jobDeployments.delete(instanceName);
      return undefined;
    };
    await destroy();
    expect([jobs.jobDeployments.size, jobs.count('delete')]).toEqual([0, 1]);
  });

  it.each(['invalid', 'unauthorized', 'unavailable'] as const)('never gives up: %s is tried again', async (kind) => {
    jobs.faults.list = [kind];
    await expect(destroy()).rejects.toMatchObject({ type: kind, nonRetryable: false });
  });

  it('asks for nothing where there is nothing', async () => {
    await destroy();
    expect(jobs.calls).toEqual(['list']);
  });
});
