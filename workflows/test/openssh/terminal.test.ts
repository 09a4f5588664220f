import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterEach, describe, expect, it } from 'vitest';
import { followStep, killStep, signalStep, startStep } from '../../src/ssh/remote-step.ts';
import { openSession, RemoteCommandError, type SshSession } from '../../src/ssh/ssh-session.ts';
import type { StepEnd } from '../../src/ssh/step-end.ts';
import { checkTerminal } from '../../src/ssh/terminal-check.ts';
import { processesOf } from '../processes-of.ts';
import { basicPrograms, missing, type OpenSsh, type OpenSshOptions, startOpenSsh } from './server.ts';

const key = deriveSshKey('a master secret of a test', 'instance');
const command = { instanceName: 'instance', name: 'command', onTerminal: true };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function instance(options?: OpenSshOptions): Promise<{ readonly host: OpenSsh; readonly session: SshSession }> {
  const host = await startOpenSsh(key.publicKey, options);
  closing.push(() => host.close());
  const session = await openSession({ address: host.address, privateKey: key.privateKey });
  closing.push(() => session.close());
  return { host, session };
}

async function follow(session: SshSession): Promise<{ readonly text: string; readonly end: StepEnd }> {
  let text = '';
  const end = await followStep(session, command, 0, async (bytes) => {
    text += bytes.toString();
    return 'more';
  });
  return { text, end };
}

async function run(session: SshSession, script: string) {
  await checkTerminal(session, command);
  await startStep(session, command, script);
  return follow(session);
}

/** Starts a script that first writes `up`, and waits for that. */
async function running(host: OpenSsh, session: SshSession, script: string): Promise<void> {
  await startStep(session, command, `echo up\n${script}`);
  const output = join(host.home, '.gpu-clouds/instance/command/output');
  await until(() => readFile(output, 'utf8').catch(() => ''));
}

const nothingLeft = (host: OpenSsh) => until(async () => (await processesOf(host.home)).length === 0, 'the end of all');

describe.skipIf(missing !== '')('on OpenSSH', () => {
  it.each(['bash', 'dash', 'tcsh', 'fish'])(
    'a command on a terminal of a %s user writes to it, exactly what it means to write',
    async (shell) => {
      const noise = "echo 'Welcome!'\n";
      const files = { '.bashrc': noise, '.tcshrc': noise, '.config/fish/config.fish': noise };
      const { session } = await instance({ shell, files });
      const script = `test -t 1 && test -t 2 && echo "it's a terminal"
printf 'a\\rb\\tc\\n' >&2
echo "$TERM $(stty size </dev/tty) \${SHELL##*/} \${GPU_CLOUDS_STEP-none} \${GPU_CLOUDS_SHELL-none} $PYTHONUNBUFFERED"
exit 255`;
      expect(await run(session, script)).toEqual({
        text: `it's a terminal\na\rb\tc\nxterm 24 80 ${shell} none none 1\n`,
        end: { ended: 'exit', code: 255 },
      });
    },
  );

  it('a command without a terminal has none', async () => {
    const { session } = await instance();
    await startStep(session, { ...command, onTerminal: false }, 'test -t 1 || echo none');
    expect((await follow(session)).text).toBe('none\n');
  });

  it('what reads from the terminal finds the end of the input, again and again', async () => {
    const { session } = await instance();
    const script = 'cat; cat; cat </dev/tty; cat </dev/tty; read -r answer </dev/tty || echo "no answer $answer"';
    expect(await run(session, script)).toEqual({ text: 'no answer \n', end: { ended: 'exit', code: 0 } });
  });

  it.each([
    ['exit 0', 0],
    ['false; exit 3', 1],
    ['false | true', 1],
    ['kill 0; sleep 600', 143],
    ['kill -HUP 0; sleep 600', 129],
    ['kill -KILL 0; sleep 600', 137],
    ["trap 'exit 9' USR1; kill -USR1 0; sleep 1", 9],
  ])('a command on a terminal that does "%s" ends with the exit code %i', async (script, code) => {
    const { host, session } = await instance();
    expect((await run(session, `echo up\n${script}`)).end).toEqual({ ended: 'exit', code });
    await nothingLeft(host);
  });

  it('a large output comes whole from a terminal', async () => {
    const { session } = await instance();
    const { text } = await run(session, 'seq 300000');
    expect(text.length).toBe(1_988_895);
    expect(text.endsWith('299999\n300000\n')).toBe(true);
  });

  it('a command on a terminal that is asked to end may do something first, and its exit code counts', async () => {
    const { host, session } = await instance();
    await running(host, session, 'trap "echo saving; exit 5" TERM\nsleep 600 & wait');
    await signalStep(session, command, 'TERM');
    expect(await follow(session)).toEqual({ text: 'up\nsaving\n', end: { ended: 'exit', code: 5 } });
    await nothingLeft(host);
  });

  it('a command on a terminal and its children end by SIGKILL if they ignore SIGTERM', async () => {
    const { host, session } = await instance();
    await running(host, session, 'trap "" TERM HUP INT\nsleep 600 & sleep 600');
    await signalStep(session, command, 'TERM');
    expect(await processesOf(host.home)).not.toEqual([]);
    await signalStep(session, command, 'KILL');
    expect((await follow(session)).end).toEqual({ ended: 'exit', code: 137 });
    await nothingLeft(host);
  });

  it('a cancelled command on a terminal leaves no process', async () => {
    const { host, session } = await instance();
    await running(host, session, 'sleep 600 & wait');
    await killStep(session, command);
    await nothingLeft(host);
  });

  it('what a command left in the background ends with its terminal', async () => {
    const { host, session } = await instance();
    expect((await run(session, 'sleep 600 &\necho done')).text).toBe('done\n');
    await nothingLeft(host);
  });

  it('a command on a terminal that is started again and again runs once', async () => {
    const { session } = await instance();
    await Promise.all([1, 2, 3].map(() => startStep(session, command, 'echo run; sleep 0.2')));
    expect((await follow(session)).text).toBe('run\n');
  });

  it('an instance without setsid and bash gives a command a terminal', async () => {
    const { host, session } = await instance({
      shell: 'dash',
      programs: [...basicPrograms, 'script', 'stty', 'mkfifo'],
    });
    await checkTerminal(session, command);
    await running(host, session, 'test -t 1 && sleep 600 & wait');
    await signalStep(session, command, 'TERM');
    expect(await follow(session)).toEqual({ text: 'up\n', end: { ended: 'exit', code: 143 } });
    await nothingLeft(host);
  });

  it.each([
    ['script', ['stty', 'mkfifo']],
    ['stty', ['script', 'mkfifo']],
    ['mkfifo', ['script', 'stty']],
  ])('an instance without %s is refused before the command begins', async (_absent, programs) => {
    const { session } = await instance({ shell: 'dash', programs: [...basicPrograms, ...programs] });
    const checking = checkTerminal(session, command);
    await expect(checking).rejects.toBeInstanceOf(RemoteCommandError);
    await expect(checking).rejects.toThrow(`lacks script (util-linux 2.30 or later), stty, mkfifo`);
  });

  it("an instance with BusyBox's script is refused, unless the command has started", async () => {
    const { host, session } = await instance({ busybox: true });
    const script = '#!/bin/sh\nexec busybox script "$@"\n';
    await writeFile(join(host.bin, 'script'), script, { mode: 0o755 });
    await expect(checkTerminal(session, command)).rejects.toThrow('Install util-linux in setup');
    await startStep(session, { ...command, onTerminal: false }, 'true');
    await checkTerminal(session, command);
  });
});
