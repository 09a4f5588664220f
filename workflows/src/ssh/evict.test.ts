import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { evict } from './evict.ts';
import { checkGpus, GpuError } from './gpu-check.ts';
import { startStep } from './remote-step.ts';
import { openSession, type SshSession } from './ssh-session.ts';

const key = deriveSshKey('a master secret of a test', 'instance');
let server: TestSshServer;
let session: SshSession;
beforeAll(async () => {
  server = await startSshServer();
  server.allowed.add(key.publicKey);
  session = await openSession({ address: server.address, privateKey: key.privateKey });
});
afterAll(async () => {
  session.close();
  await server.close();
});

const stepOf = (folder: string, gpus: readonly number[] = [0]) => ({
  instanceName: 'instance',
  name: 'command',
  share: { folder, gpus },
});
const workFile = (folder: string, name: string) => join(server.home, '.gpu-clouds', folder, 'work', name);

/** Starts a step that ignores SIGTERM, and returns its process. */
async function started(folder: string): Promise<string> {
  await startStep(session, stepOf(folder), 'trap "" TERM; echo $$ > pid; while :; do sleep 0.1; done');
  return until(async () => (await readFile(workFile(folder, 'pid'), 'utf8').catch(() => '')).trim(), 'the process');
}

const lives = (pid: string) =>
  stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );

it('an evicted run leaves no process and no files, can start nothing more, and others go on', async () => {
  const [gone, stays] = [await started('run-1-a'), await started('run-2-b')];
  await evict(session, 'run-1-a');
  expect([await lives(gone), await lives(stays)]).toEqual([false, true]);
  await expect(readFile(workFile('run-1-a', 'pid'))).rejects.toThrow('ENOTDIR');
  await expect(startStep(session, stepOf('run-1-a'), 'echo again')).rejects.toThrow('could not be started');
  expect(await readFile(workFile('run-2-b', 'pid'), 'utf8')).toBe(`${stays}\n`);
  // An attempt whose answer was lost is repeated.
  await evict(session, 'run-1-a');
  await evict(session, 'run-2-b');
  expect(await lives(stays)).toBe(false);
}, 60_000);

it('a run that has not begun can start nothing once it is evicted', async () => {
  await evict(session, 'run-3-c');
  await expect(startStep(session, stepOf('run-3-c'), 'echo late')).rejects.toThrow('could not be started');
});

it('the check of a share looks for its GPUs only', async () => {
  const expected = { count: 64, hasDriver: true };
  await checkGpus(session, stepOf('run-4-d', [3, 7]), expected);
  const checking = checkGpus(session, stepOf('run-4-d', [7, 8]), expected);
  await expect(checking).rejects.toBeInstanceOf(GpuError);
  await expect(checking).rejects.toThrow('nvidia-smi does not show GPU 8 of the run.');
});
