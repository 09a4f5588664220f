import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { followStep, killStep, signalStep, startStep } from './remote-step.ts';
import { openSession, SshError, type SshSession } from './ssh-session.ts';

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

async function follow(name: string, from = 0): Promise<{ text: string; end: unknown }> {
  let text = '';
  const end = await followStep(session, { instanceName: 'instance', name }, from, async (bytes) => {
    text += bytes.toString();
    return 'more';
  });
  return { text, end };
}

it('a step passes on all that it writes, and its exit code', async () => {
  await startStep(session, { instanceName: 'instance', name: 'plain' }, 'echo out; echo err >&2; exit 3');
  expect(await follow('plain')).toEqual({ text: 'out\nerr\n', end: { ended: 'exit', code: 3 } });
});

it('a step that is started again and again runs once', async () => {
  const step = { instanceName: 'instance', name: 'once' };
  await Promise.all([1, 2, 3].map(() => startStep(session, step, 'echo run >> runs.log; sleep 0.2')));
  await follow('once');
  await startStep(session, step, 'echo run >> runs.log');
  expect(await readFile(join(server.home, 'runs.log'), 'utf8')).toBe('run\n');
});

it('following from an offset passes on only the rest', async () => {
  await startStep(session, { instanceName: 'instance', name: 'offset' }, 'printf 0123456789');
  expect((await follow('offset', 4)).text).toBe('456789');
});

it('a step is looked at no more often than the one who follows it wants', async () => {
  const step = { instanceName: 'instance', name: 'seldom' };
  await startStep(session, step, 'echo ready\nuntil [ -e "$HOME/go" ]; do sleep 0.05; done');
  let readyAt = Number.POSITIVE_INFINITY;
  const onOutput = async () => {
    readyAt = Date.now();
    await writeFile(join(server.home, 'go'), '');
    return 'more' as const;
  };
  await followStep(session, step, 0, onOutput, { pollMs: 1000 });
  expect(Date.now() - readyAt).toBeGreaterThan(900);
});

it('a step ends at the first line that fails', async () => {
  await startStep(session, { instanceName: 'instance', name: 'strict' }, 'false\necho not reached');
  expect(await follow('strict')).toEqual({ text: '', end: { ended: 'exit', code: 1 } });
});

it('a large output comes whole', async () => {
  await startStep(session, { instanceName: 'instance', name: 'large' }, 'seq 300000');
  const { text } = await follow('large');
  expect(text.length).toBe(1_988_895);
  expect(text.endsWith('299999\n300000\n')).toBe(true);
});

it('the script leaves no copy of itself on the instance', async () => {
  await startStep(session, { instanceName: 'instance', name: 'secret' }, "export TOKEN='in the script only'\ntrue");
  await follow('secret');
  const { stdout } = await session.exec('grep -rl "in the script only" "$HOME" || true');
  expect(stdout).toBe('');
});

it('a step that is asked to end may do something first, and tells its exit code', async () => {
  const step = { instanceName: 'instance', name: 'asked' };
  await startStep(session, step, 'trap "echo saving; exit 5" TERM\necho ready\nsleep 300 &\nwait');
  await until(() => readFile(join(server.home, '.gpu-clouds/instance/asked/output'), 'utf8').catch(() => ''));
  await Promise.all([signalStep(session, step, 'TERM'), signalStep(session, step, 'TERM')]);
  expect(await follow('asked')).toEqual({ text: 'ready\nsaving\n', end: { ended: 'exit', code: 5 } });
  await signalStep(session, step, 'TERM');
});

it('a step that is asked to end, and does not care how, ends with the code of the signal', async () => {
  const step = { instanceName: 'instance', name: 'unmoved' };
  await startStep(session, step, 'sleep 300');
  await until(() =>
    signalStep(session, step, 'TERM').then(
      () => true,
      () => false,
    ),
  );
  expect((await follow('unmoved')).end).toEqual({ ended: 'exit', code: 143 });
});

it('a step that ignores being asked is made to end', async () => {
  const step = { instanceName: 'instance', name: 'deaf' };
  await startStep(session, step, 'trap "" TERM\necho deaf\nwhile :; do sleep 0.1; done');
  await until(() => readFile(join(server.home, '.gpu-clouds/instance/deaf/output'), 'utf8').catch(() => ''));
  await signalStep(session, step, 'TERM');
  await signalStep(session, step, 'KILL');
  expect(await follow('deaf')).toEqual({ text: 'deaf\n', end: { ended: 'exit', code: 137 } });
});

it('a step that has not started yet cannot be asked to end for now', async () => {
  await expect(signalStep(session, { instanceName: 'instance', name: 'unborn' }, 'TERM')).rejects.toBeInstanceOf(
    SshError,
  );
});

/** A step that has ended and left this in the place of its exit code. */
async function left(name: string, content: string | Buffer): Promise<void> {
  const folder = join(server.home, '.gpu-clouds/instance', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'output'), 'out\n');
  await writeFile(join(folder, 'exit'), content);
}

it.each([
  ['0\n', 0],
  ['7', 7],
  ['007', 7],
  ['255\n', 255],
])('the exit code %j is %d', async (content, code) => {
  await left(`code-${code}-${content.trim()}`, content);
  expect(await follow(`code-${code}-${content.trim()}`)).toEqual({ text: 'out\n', end: { ended: 'exit', code } });
});

it.each([
  ['hex', '0x0', '0x0'],
  ['a fraction', '0.5', '0.5'],
  ['negative', '-1', '-1'],
  ['an exponent', '0e1', '0e1'],
  ['empty', '', ''],
  ['a blank line', '\n', ''],
  ['blank before', ' 0', ' 0'],
  ['blank behind', '0 ', '0 '],
  ['too large', '256', '256'],
  ['four digits', '0000', '0000'],
  ['text', 'all is well', 'all is well'],
  ['another verdict behind', 'failed\nexit [0]\n', 'failed?exit [0]'],
  ['another verdict inside', '0]\nexit [0', '0]?exit [0'],
  ['control characters', '\u001b[2J0\r\t\u0000', '?[2J0???'],
  ['digits of another script', '\u0660', '\u0660'],
  ['shell syntax', '$(echo 0) `echo 0` %d \\060', '$(echo 0) `echo 0` %d \\060'],
])('what is no exit code is never taken for one: %s', async (what, content, said) => {
  await left(what, content);
  expect(await follow(what)).toEqual({ text: 'out\n', end: { ended: 'no-code', said } });
});

it('of a huge exit file no more than the beginning is read', async () => {
  await left('huge', '0'.repeat(1_000_000));
  expect((await follow('huge')).end).toEqual({ ended: 'no-code', said: '0'.repeat(4096) });
});

it.each([
  ['a link to a device without end', 'ln -s /dev/zero'],
  ['a FIFO that nobody writes to', 'mkfifo'],
])('a step ends although its script replaced its output and its runner by %s', async (what, make) => {
  const step = { instanceName: 'instance', name: make.split(' ')[0] ?? what };
  await startStep(
    session,
    step,
    `cd ~/.gpu-clouds/instance/${step.name}; rm output runner; ${make} output; ${make} runner`,
  );
  expect(await follow(step.name)).toEqual({ text: '', end: { ended: 'exit', code: 0 } });
});

it('a killed step and what it started run no more', async () => {
  const step = { instanceName: 'instance', name: 'killed' };
  await startStep(session, step, 'sleep 300 & echo $! > "$HOME/child.pid"; wait');
  const pid = await until(() => readFile(join(server.home, 'child.pid'), 'utf8').catch(() => ''));
  await killStep(session, step);
  await until(() => !alive(Number(pid)), 'the end of the child');
});

it('a host that shows another key than the pinned one is refused', async () => {
  const target = { address: server.address, privateKey: key.privateKey, hostKey: 'SHA256:another' };
  await expect(openSession(target)).rejects.toMatchObject({ wrongHost: true });
});

it('a broken connection ends a command under way with an error', async () => {
  const other = await openSession({ address: server.address, privateKey: key.privateKey, hostKey: session.hostKey });
  const running = other.exec('sleep 30');
  running.catch(() => undefined);
  other.close();
  await expect(running).rejects.toThrow(SshError);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
