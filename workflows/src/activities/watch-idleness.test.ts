import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { openSession } from '../ssh/ssh-session.ts';
import { defaultTiming } from '../timing.ts';
import type { IdlenessInput, IdleTime } from './contract.ts';
import { watchIdleness } from './watch-idleness.ts';

const masterSecret = 'sixteen characters';
const instanceName = 'unused';
let server: TestSshServer;
let hostKey: string;
beforeAll(async () => {
  server = await startSshServer();
  await writeFile(join(server.home, 'gpu-load'), '0, 512, 81920, 40\n');
  const { publicKey, privateKey } = deriveSshKey(masterSecret, instanceName);
  server.allowed.add(publicKey);
  const session = await openSession({ address: server.address, privateKey });
  hostKey = session.hostKey;
  session.close();
});
afterAll(() => server.close());

/** Milliseconds since the epoch. */
const now = 1_000_000;
const idleUntil = (last: number): IdleTime => ({ since: 0, last });

/** One attempt, whose polls are ten seconds apart. @param idle What the attempt before left. */
async function attempt(input: Partial<IdlenessInput>, idle?: IdleTime): Promise<IdleTime | undefined> {
  let time = now - 10_000;
  const clock = () => {
    time += 10_000;
    return time;
  };
  const watch = watchIdleness({ masterSecret, timing: { ...defaultTiming, idlePollMs: 1 } }, clock);
  const instance = { instanceName, ssh: server.address, hostKey };
  const heartbeatDetails = idle === undefined ? undefined : { idle, isWarned: true };
  return mockActivity({ heartbeatDetails }).run(watch, { instance, gpuCount: 1, forSeconds: 20, ...input });
}

it('an instance is idle once polls over the whole time found no use', async () => {
  expect(await attempt({})).toEqual({ since: now, last: now + 20_000 });
});

it('the next attempt goes on with the time without use of the one before', async () => {
  expect(await attempt({ forSeconds: 1000 }, idleUntil(now - 60_000))).toEqual(idleUntil(now));
});

it('the idle time restarts after an attempt that waited long for a worker', async () => {
  expect(await attempt({}, idleUntil(now - 91_000))).toEqual({ since: now, last: now + 20_000 });
});

it('after a warning, an instance that cannot be asked or was not watched for long is not idle', async () => {
  const after = idleUntil(now - 10_000);
  expect(await attempt({ after, forSeconds: 1000 })).toEqual(idleUntil(now));
  const gone = { instanceName, ssh: { ...server.address, port: 1 }, hostKey };
  expect(await attempt({ after, forSeconds: 1000, instance: gone })).toBeUndefined();
  expect(await attempt({ after: idleUntil(now - 91_000), forSeconds: 1000 })).toBeUndefined();
});

it('an instance that shows another host key is not asked, and is not idle', async () => {
  const other = { instanceName, ssh: server.address, hostKey: 'SHA256:other' };
  expect(await attempt({ after: idleUntil(now - 10_000), instance: other })).toBeUndefined();
});
