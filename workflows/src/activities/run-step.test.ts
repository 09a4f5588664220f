import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveSshKey, localRunStore } from '@gpu-clouds/jobs';
import { bytesOf, until } from '@gpu-clouds/jobs/test';
import { ActivityCancellationDetails } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { openSession } from '../ssh/ssh-session.ts';
import type { StepInput, StepResult } from './contract.ts';
import { createActivities } from './create-activities.ts';

const masterSecret = 'sixteen characters';
let server: TestSshServer;
let hostKey: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  server = await startSshServer();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const runs = () => localRunStore(folder);
const outputOf = async (run: string) => (await bytesOf(runs().readOutput({ run, node: 0 }, 0))).toString();

async function inputFor(name: string, script: string): Promise<StepInput> {
  const { publicKey, privateKey } = deriveSshKey(masterSecret, name);
  server.allowed.add(publicKey);
  const session = await openSession({ address: server.address, privateKey });
  hostKey = session.hostKey;
  session.close();
  const instance = { instanceName: name, ssh: server.address, hostKey };
  return { run: name, instance: instance, step: 'command', script, env: {}, secrets: [], outputOffset: 0 };
}

function run(input: StepInput, environment = mockActivity()): Promise<StepResult> {
  const { follow } = createActivities({ fleet: 'default', clouds: new Map(), masterSecret, runs: runs() });
  return environment.run(follow.runStep, input);
}

describe('a command whose follower is cancelled', () => {
  it('is killed when somebody asked for that', async () => {
    const { environment, pid, following } = await followed('asked');
    environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
    await expect(following).rejects.toThrow();
    await until(() => !alive(pid), 'the end of the command');
  });

  it.each(['workerShutdown', 'timedOut', 'paused', 'reset', 'notFound'] as const)(
    'goes on after %s',
    async (reason) => {
      const { environment, pid, following } = await followed(reason);
      environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ [reason]: true }));
      await expect(following).rejects.toThrow();
      expect(alive(pid)).toBe(true);
      process.kill(pid, 'SIGKILL');
    },
  );

  async function followed(name: string) {
    const input = await inputFor(
      `cancel-${name.toLowerCase()}`,
      `echo $$ > "$HOME/cancel-${name.toLowerCase()}.pid"; echo up; sleep 300`,
    );
    const environment = mockActivity();
    const following = run(input, environment);
    following.catch(() => undefined);
    await until(async () => (await outputOf(input.run)) === 'up\n');
    const pid = Number(await readFile(join(server.home, `${input.run}.pid`), 'utf8'));
    return { environment, pid, following };
  }
});

describe('a command that writes into its own exit file', () => {
  const forging = (content: string) => `printf '${content}' > "$(dirname "$0")/exit"; sleep 600`;

  it('has no exit code, and what it wrote is told without secrets and control characters', async () => {
    const input = await inputFor('forged', forging('\\033]0;a-secret-token\\007\\302\\233 \\342\\200\\256 0'));
    const { follow } = createActivities({
      fleet: 'default',
      clouds: new Map(),
      masterSecret,
      runs: runs(),
      secrets: () => 'a-secret-token',
    });
    expect(await mockActivity().run(follow.runStep, { ...input, secrets: ['TOKEN'] })).toEqual({
      bytes: 0,
      saidInstead: '?]0;**************?? ? 0',
    });
  });

  it('is told by no more than a line', async () => {
    const { saidInstead } = await run(await inputFor('forged-long', forging('0'.repeat(1000))));
    expect(saidInstead).toBe(`${'0'.repeat(60)}…`);
  });
});

it('the next attempt goes on where the output is stored, and counts it once', async () => {
  const input = await inputFor('resumed', 'printf 0123456789');
  await run(input);
  await runs().writeOutput({ run: input.run, node: 0 }, 0, Buffer.from('0123'));
  const beats: unknown[] = [];
  const environment = mockActivity({ attempt: 2, heartbeatDetails: { offset: 4 } });
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  expect(await run(input, environment)).toEqual({ exitCode: 0, bytes: 10 });
  expect(await outputOf(input.run)).toBe('0123456789');
  expect([beats[0], beats.at(-1)]).toEqual([{ offset: 4 }, { offset: 10 }]);
});

describe('output beyond limits.maxOutput', () => {
  const maxOutput = 64 / 1024 ** 3;
  const notice = `\n[gpu-clouds: output ends here, at ${maxOutput} GiB (limits.maxOutput). The script runs on.]\n`;

  it('is replaced by one line, and the command runs to its end', async () => {
    const input = await inputFor('flood', 'seq 200000; echo done > "$HOME/flood-done"; exit 3');
    expect(await run({ ...input, maxOutput })).toEqual({ exitCode: 3, bytes: 64 + notice.length });
    const whole = Array.from({ length: 40 }, (_, index) => `${index + 1}\n`).join('');
    expect(await outputOf(input.run)).toBe(`${whole.slice(0, 64)}${notice}`);
    expect(await readFile(join(server.home, 'flood-done'), 'utf8')).toBe('done\n');
  });

  it.each([10, 64, 70, 64 + notice.length])('is stored once when an attempt resumes at byte %i', async (offset) => {
    const input = { ...(await inputFor(`flood-${offset}`, 'seq 200000')), maxOutput };
    await run(input);
    const whole = await outputOf(input.run);
    await rm(join(folder, input.run), { recursive: true });
    await runs().writeOutput({ run: input.run, node: 0 }, 0, Buffer.from(whole.slice(0, offset)));
    await run(input, mockActivity({ attempt: 2, heartbeatDetails: { offset } }));
    expect(await outputOf(input.run)).toBe(whole);
  });

  it('has no part of a secret that lies across the limit', async () => {
    const input = await inputFor('flood-secret', `printf %060d 0; printf hunter22; sleep 0.3; seq 20000`);
    const { follow } = createActivities({
      fleet: 'default',
      clouds: new Map(),
      masterSecret,
      runs: runs(),
      secrets: () => 'hunter22',
    });
    await mockActivity().run(follow.runStep, { ...input, secrets: ['TOKEN'], maxOutput });
    expect(await outputOf(input.run)).toBe(`${'0'.repeat(60)}****${notice}`);
  });

  it('counts what the run has written before', async () => {
    const input = { ...(await inputFor('flood-later', 'echo more')), maxOutput, outputOffset: 60 };
    await runs().writeOutput({ run: input.run, node: 0 }, 0, Buffer.alloc(60, 'x'));
    await run(input);
    expect(await outputOf(input.run)).toBe(`${'x'.repeat(60)}more${notice}`);
  });
});

it('an instance with too few GPUs gets nothing, and another one may do', async () => {
  const input = { ...(await inputFor('gpus', 'echo started > "$HOME/gpus-started"')) };
  const checked = run({ ...input, gpus: { count: 9, hasDriver: true } });
  await expect(checked).rejects.toMatchObject({
    type: 'gpu-unhealthy',
    nonRetryable: true,
    message: 'gpus: nvidia-smi shows 8 of 9 GPUs.',
  });
  await expect(readFile(join(server.home, 'gpus-started'))).rejects.toThrow('ENOENT');
  expect(await run({ ...input, gpus: { count: 8, hasDriver: true } })).toMatchObject({ exitCode: 0 });
});

it('an instance that can give a command no terminal gets nothing, for good', async () => {
  const input = { ...(await inputFor('no-terminal', 'echo started > "$HOME/no-terminal-started"')), tty: true };
  const { PATH } = server.env;
  server.env.PATH = join(server.home, 'empty');
  await mkdir(server.env.PATH);
  for (const name of ['sh', 'dd']) await symlink(`/bin/${name}`, join(server.env.PATH, name));
  const refused = run(input);
  await expect(refused).rejects.toMatchObject({
    type: 'instance-refused',
    nonRetryable: true,
    message: expect.stringMatching(
      /^no-terminal cannot give .* Install util-linux in setup, or remove tty from the job\.$/,
    ),
  });
  if (PATH === undefined) delete server.env.PATH;
  await expect(readFile(join(server.home, 'no-terminal-started'))).rejects.toThrow('ENOENT');
  expect(await run(input)).toMatchObject({ exitCode: 0 });
});

it('a worker that does not have what another one stored fetches it again', async () => {
  const input = await inputFor('elsewhere', 'printf 0123456789');
  await run(input);
  await rm(join(folder, input.run), { recursive: true });
  await run(input, mockActivity({ attempt: 2, heartbeatDetails: { offset: 7 } }));
  expect(await outputOf(input.run)).toBe('0123456789');
});

it('an instance with another host key than the pinned one gets nothing, for good', async () => {
  const input = await inputFor('impostor', 'true');
  const impostor = { ...input, instance: { ...input.instance, hostKey: 'SHA256:another' } };
  await expect(run(impostor)).rejects.toMatchObject({ type: 'wrong-host-key', nonRetryable: true });
});

it('an instance that lets us in and never starts a shell is out of reach in the end', async () => {
  const refusing = await startSshServer({ noise: Buffer.from('This account is not available.\n') });
  try {
    const name = 'no-shell';
    const { publicKey, privateKey } = deriveSshKey(masterSecret, name);
    refusing.allowed.add(publicKey);
    const session = await openSession({ address: refusing.address, privateKey });
    session.close();
    const instance = { instanceName: name, ssh: refusing.address, hostKey: session.hostKey };
    const input: StepInput = { ...(await inputFor('none', 'true')), instance };
    const message = expect.stringContaining('did not start sh: This account is not available.');
    await expect(run(input)).rejects.toMatchObject({ type: 'SshError', nonRetryable: false, message });
    const heartbeatDetails = { offset: 0, unreachableSince: Date.now() - 3_600_000 };
    const later = mockActivity({ heartbeatDetails, currentAttemptScheduledTimestampMs: Date.now() });
    await expect(run(input, later)).rejects.toMatchObject({ type: 'unreachable', nonRetryable: true, message });
  } finally {
    await refusing.close();
  }
});

it('a connection that breaks is worth another attempt', async () => {
  const input = await inputFor('broken', 'echo up; sleep 2');
  const following = run(input);
  following.catch(() => undefined);
  await until(async () => (await outputOf(input.run)) === 'up\n');
  server.cut();
  await expect(following).rejects.toMatchObject({ type: 'SshError', nonRetryable: false });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
