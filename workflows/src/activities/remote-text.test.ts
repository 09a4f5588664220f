import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudError } from '@gpu-clouds/clouds/pure';
import { deriveSshKey, localRunStore, uploadInputs } from '@gpu-clouds/jobs';
import { FakeCloud, until } from '@gpu-clouds/jobs/test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ServerChannel } from 'ssh2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeJobs } from '../../test/fake-jobs.ts';
import { mockActivity } from '../../test/mock-activity.ts';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { openSession } from '../ssh/ssh-session.ts';
import type { ReadyInstance } from './contract.ts';
import { createActivities } from './create-activities.ts';

const masterSecret = 'sixteen characters';
const instanceName = 'gpuc-default-run-0';
const run = 'run';
let folder: string;
let server: TestSshServer;
let instance: ReadyInstance;
let answer: (channel: ServerChannel) => void;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  server = await startSshServer({ answer: (channel) => answer(channel) });
  const { publicKey, privateKey } = deriveSshKey(masterSecret, instanceName);
  server.allowed.add(publicKey);
  const session = await openSession({ address: server.address, privateKey });
  session.close();
  instance = { instanceName, ssh: server.address, hostKey: session.hostKey };
  await writeFile(join(folder, 'input'), 'content');
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const jobs = new FakeJobs();
const activities = () => {
  const { follow, watch } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', Object.assign(new FakeCloud('verda', [{}], server.address), { jobs })]]),
    masterSecret,
    runs: localRunStore(join(folder, 'runs')),
    secrets: (name) => (name === 'TOKEN' ? 'hunter22\n' : undefined),
  });
  return { ...follow, ...watch };
};
/** A worker that has lost a secret still masks the others. */
const onInstance = () => ({ run, instance, secrets: ['LOST', 'TOKEN'] });

/** Ends every script with this exit code and this as the first line of its errors. */
function failing(code: number, line: string): void {
  answer = (channel) => {
    channel.stderr.write(`${line}\nexiting\n`);
    channel.exit(code);
    channel.end();
  };
}

const work = {
  uploadFiles: async () => {
    const input = await uploadInputs(localRunStore(join(folder, 'runs')), join(folder, 'input'));
    return mockActivity().run(activities().uploadFiles, { ...onInstance(), inputs: [{ input, to: 'x' }] });
  },
  collectFiles: () =>
    mockActivity().run(activities().collectFiles, { ...onInstance(), files: [{ from: 'x', to: 'x' }] }),
  sendSignal: () => {
    const signal = { step: 'command', signal: 'TERM' } as const;
    return mockActivity().run(activities().sendSignal, { ...onInstance(), ...signal });
  },
  runStep: () => {
    const script = { script: 'true', step: 'setup', env: {}, outputOffset: 0 } as const;
    return mockActivity().run(activities().runStep, { ...onInstance(), ...script, secrets: ['TOKEN'] });
  },
  restoreCheckpoint: async () => {
    await localRunStore(join(folder, 'runs')).putFile(run, 'checkpoints/1.tar', content());
    return mockActivity().run(activities().restoreCheckpoint, { ...onInstance(), folder: 'state' });
  },
};

async function* content() {
  yield Buffer.from('a checkpoint');
}

for (const name of ['uploadFiles', 'collectFiles', 'sendSignal', 'runStep', 'restoreCheckpoint'] as const) {
  it.each([
    [1, 'instance-refused', true],
    [75, 'SshError', false],
  ])(`what an instance says to ${name} with exit code %i is told without secrets`, async (code, type, nonRetryable) => {
    failing(code, 'Bad token hunter22.');
    const failure: unknown = await work[name]().catch((error: unknown) => error);
    expect(failure).toMatchObject({ type, nonRetryable, message: expect.stringContaining('Bad token ********.') });
    expect(failure).toMatchObject({ stack: expect.not.stringContaining('hunter22') });
  });
}

it('what an instance says is cut at 4 KiB', async () => {
  failing(1, 'x'.repeat(100_000));
  const failure = work.sendSignal();
  await expect(failure).rejects.toMatchObject({ message: expect.stringMatching(/^.{4000,4096}…$/) });
});

it('an instance that answers a question with a flood fails for good', async () => {
  answer = (channel) => {
    channel.write(Buffer.alloc(1_900_000, 'x'));
  };
  await expect(work.collectFiles()).rejects.toMatchObject({ type: 'instance-refused', nonRetryable: true });
});

it('the log of a checkpoint that could not be saved has no secrets', async () => {
  failing(1, 'Bad token hunter22.');
  const logged: unknown[] = [];
  const logger = new DefaultLogger('WARN', ({ meta }) => logged.push(meta?.error));
  const environment = new MockActivityEnvironment({}, { logger });
  const keeping = environment.run(activities().keepCheckpoints, {
    ...onInstance(),
    folder: 'state',
    everySeconds: 0.01,
  });
  keeping.catch(() => undefined);
  await until(() => logged.length > 0);
  environment.cancel();
  await expect(keeping).rejects.toThrow();
  expect(String(logged[0])).toContain('Bad token ********.');
});

it('what a container answers to a vendor is told without secrets', async () => {
  jobs.onCall = async () => {
    const details = { kind: 'invalid', vendor: 'verda', operation: 'look', mayHaveTakenEffect: false } as const;
    throw new CloudError('verda says: Bad token hunter22.', details);
  };
  const input = {
    vendor: 'verda',
    instanceName,
    run,
    endpoint: 'https://jobs.test/x',
    id: 'job',
    submittedAt: 0,
  } as const;
  const waiting = mockActivity().run(activities().awaitAnswer, { ...input, secrets: ['TOKEN'] });
  await expect(waiting).rejects.toMatchObject({ message: 'verda says: Bad token ********.' });
});
