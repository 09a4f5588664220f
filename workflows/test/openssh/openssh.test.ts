import { execFile, spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { deriveSshKey, type GpuReading } from '@gpu-clouds/jobs';
import { bytesOf, noise, until } from '@gpu-clouds/jobs/test';
import { extract, pack } from 'tar-stream';
import { afterEach, describe, expect, it } from 'vitest';
import { frameScript } from '../../src/ssh/framing.ts';
import { checkGpus, GpuError } from '../../src/ssh/gpu-check.ts';
import { askUse } from '../../src/ssh/instance-use.ts';
import { followStep, type GpuSampler, killStep, signalStep, startStep } from '../../src/ssh/remote-step.ts';
import { openSession, RemoteCommandError, SshError, type SshSession } from '../../src/ssh/ssh-session.ts';
import type { StepEnd } from '../../src/ssh/step-end.ts';
import { lookThere, packFilesThere, readThere, unpackThere } from '../../src/ssh/transfer.ts';
import { processesOf } from '../processes-of.ts';
import { basicPrograms, fakeTime, missing, type OpenSsh, type OpenSshOptions, startOpenSsh } from './server.ts';

if (missing !== '') console.warn(`The tests against OpenSSH are skipped. Install: ${missing}.`);

const key = deriveSshKey('a master secret of a test', 'instance');
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function instance(
  options: OpenSshOptions = {},
): Promise<{ readonly host: OpenSsh; readonly session: SshSession }> {
  const host = await startOpenSsh(key.publicKey, options);
  closing.push(() => host.close());
  return { host, session: await sessionOf(host.address) };
}

async function sessionOf(address: OpenSsh['address']): Promise<SshSession> {
  const session = await openSession({ address, privateKey: key.privateKey });
  closing.push(() => session.close());
  return session;
}

const step = (name: string) => ({ instanceName: 'instance', name });
const folderOf = (host: OpenSsh, name: string) => join(host.home, '.gpu-clouds/instance', name);

interface Followed {
  readonly text: string;
  readonly end: StepEnd;
}

async function follow(session: SshSession, name: string, from = 0, gpus?: GpuSampler): Promise<Followed> {
  let text = '';
  const end = await followStep(
    session,
    step(name),
    from,
    async (bytes) => {
      text += bytes.toString();
      return 'more';
    },
    { gpus },
  );
  return { text, end };
}

/** Follows a command that runs until `count` samples were taken, or for `seconds`. */
async function sampled(
  smi: string,
  { count = Number.POSITIVE_INFINITY, seconds = 2, ...options }: OpenSshOptions & SampledOptions = {},
): Promise<{ readonly host: OpenSsh; readonly followed: Followed; readonly samples: readonly GpuReading[][] }> {
  const { host, session } = await instance(options);
  await writeFile(join(host.bin, 'nvidia-smi'), `#!/bin/sh\n${smi}\n`, { mode: 0o755 });
  const polls = `for i in $(seq ${seconds * 10}); do [ -f "$HOME/enough" ] && break; sleep 0.1; done`;
  await startStep(session, step('command'), `echo begin\n${polls}\necho end\nexit 7`);
  const samples: GpuReading[][] = [];
  const onSample = (gpus: readonly GpuReading[]) => {
    samples.push([...gpus]);
    if (samples.length === count) void writeFile(join(host.home, 'enough'), '');
  };
  return { host, followed: await follow(session, 'command', 0, { everyMs: 200, onSample }), samples };
}

interface SampledOptions {
  readonly count?: number;
  readonly seconds?: number;
}

async function run(session: SshSession, script: string, name = 'command'): Promise<Followed> {
  await startStep(session, step(name), script);
  return follow(session, name);
}

/** Starts a script that first writes `up`, and waits for that. */
async function running(host: OpenSsh, session: SshSession, script: string): Promise<string> {
  await startStep(session, step('command'), `echo up\n${script}`);
  const folder = folderOf(host, 'command');
  await until(() => readFile(join(folder, 'output'), 'utf8').catch(() => ''));
  await until(() => readFile(join(folder, 'runner'), 'utf8').catch(() => ''));
  return folder;
}

/** Kills what would note the exit code, as a reboot or the kernel does. */
async function killRunner(folder: string): Promise<void> {
  process.kill(Number.parseInt(await readFile(join(folder, 'runner'), 'utf8'), 10), 'SIGKILL');
}

async function* archiveOf(files: Readonly<Record<string, Buffer>>): AsyncGenerator<Uint8Array> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  for await (const piece of tar) if (piece instanceof Uint8Array) yield piece;
}

/** Sends a folder there and back. */
async function expectIntactTransfers(session: SshSession, size: number): Promise<void> {
  const content = noise(size);
  await unpackThere(session, archiveOf({ 'in/file': content }), 'folder');
  expect(await lookThere(session, 'folder/in/file')).toEqual({ size, executable: false });
  const back = await readThere(session, 'folder/in/file', size, bytesOf);
  expect(back.equals(content)).toBe(true);
  expect(await namesIn(session, 'folder')).toEqual(['./in/file']);
}

function namesIn(session: SshSession, folder: string): Promise<readonly string[]> {
  return packFilesThere(session, folder, async (archive) => {
    const found: string[] = [];
    const entries = extract();
    const fed = pipeline(archive, entries);
    fed.catch(() => undefined);
    for await (const entry of entries) {
      found.push(entry.header.name);
      entry.resume();
    }
    await fed;
    return found;
  });
}

const noisy =
  "echo 'Welcome to the instance!'; echo 'no newline at the end' | tr -d '\\n'; head -c 100000 /dev/zero | tr '\\0' x\n";
const noisyFiles = {
  '.bashrc': `${noisy}echo 'bashrc on stderr' >&2\n`,
  '.profile': noisy,
  '.env': noisy,
  '.tcshrc': `${noisy}umask 002\n`,
  '.config/fish/config.fish': `${noisy}echo 'fish on stderr' >&2\n`,
};

describe.skipIf(missing !== '')('on OpenSSH', () => {
  it.each(['bash', 'bash -l', 'dash', 'tcsh', 'fish'])(
    'steps and transfers are exact if the login shell is %s and prints something when it starts',
    async (commandLine) => {
      const [shell, option] = commandLine.split(' ');
      const readsProfile = option === '-l';
      const { host, session } = await instance({ shell, readsProfile, files: noisyFiles, env: { ENV: '/etc/none' } });
      await startStep(session, step('command'), `printf '0123456789'; echo "it's !here \\\\ \\"" >&2; exit 3`);
      expect(await follow(session, 'command')).toEqual({
        text: `0123456789it's !here \\ "\n`,
        end: { ended: 'exit', code: 3 },
      });
      expect((await follow(session, 'command', 4)).text).toBe(`456789it's !here \\ "\n`);
      expect(await readFile(join(folderOf(host, 'command'), 'output'), 'utf8')).toBe(`0123456789it's !here \\ "\n`);
      await expectIntactTransfers(session, 300_000);
    },
  );

  it('what ENV and BASH_ENV print is not part of answers', async () => {
    const { host, session } = await instance({ files: { noise: noisy } });
    session.close();
    await host.close();
    const env = { ENV: '$HOME/noise', BASH_ENV: '$HOME/noise' };
    const loud = await instance({ files: { noise: noisy }, env });
    await expectIntactTransfers(loud.session, 1000);
  });

  it.each(['bash', 'dash', 'tcsh', 'fish'])('a step of a %s user ignores no signal', async (shell) => {
    const { session } = await instance({ shell });
    const { text } = await run(session, "sed -n 's/^SigIgn:[^0-9a-f]*//p' /proc/self/status");
    expect(text).toBe('0000000000000000\n');
  });

  it("a step has the instance's own umask", async () => {
    const { host, session } = await instance({ files: { '.bashrc': 'umask 002\n' } });
    expect((await run(session, 'umask; echo x > made')).text).toBe('0002\n');
    expect((await stat(join(host.home, 'made'))).mode & 0o777).toBe(0o664);
    expect((await stat(join(host.home, '.gpu-clouds'))).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['kill 0', 143],
    ['kill -HUP 0', 129],
    ['kill -INT 0', 130],
    ['kill -KILL 0', 137],
    ["trap 'exit 9' USR1; kill -USR1 0; sleep 1", 9],
  ])('a step that does "%s" to its own group ends with the exit code %i', async (script, code) => {
    const { session } = await instance();
    expect((await run(session, `echo up; ${script}; sleep 600`)).end).toEqual({ ended: 'exit', code });
  });

  it.each([
    ['without setsid', [...basicPrograms, 'bash'], 1],
    ['without setsid and bash', basicPrograms, 0],
    ['without bash', [...basicPrograms, 'setsid'], 0],
  ])('an instance %s runs, signals, and ends steps', async (_, programs, pipeFails) => {
    const { host, session } = await instance({ shell: 'dash', programs });
    expect((await run(session, 'false | cat', 'pipe')).end).toEqual({ ended: 'exit', code: pipeFails });
    expect((await run(session, 'kill 0; sleep 600', 'group')).end).toEqual({ ended: 'exit', code: 143 });
    await running(host, session, 'sleep 600 & wait');
    await signalStep(session, step('command'), 'TERM');
    expect(await follow(session, 'command')).toEqual({ text: 'up\n', end: { ended: 'exit', code: 143 } });
    expect(await processesOf(host.home)).toEqual([]);
  });

  it('on BusyBox, steps and transfers are exact', async () => {
    const { session } = await instance({ busybox: true });
    expect(await run(session, 'echo out; exit 4')).toEqual({ text: 'out\n', end: { ended: 'exit', code: 4 } });
    await expectIntactTransfers(session, 300_000);
    // More names than fit into one call of tar.
    await session.exec('mkdir many; cd many; for i in $(seq 1000); do touch "$i-$(printf %0200d 0)"; done');
    expect(new Set(await namesIn(session, 'many')).size).toBe(1000);
  });

  it('with MaxSessions 1, one connection serves all that a run needs', async () => {
    const { session } = await instance({ config: ['MaxSessions 1'] });
    for (const name of ['setup', 'command']) {
      expect(await run(session, `echo ${name}`, name)).toEqual({ text: `${name}\n`, end: { ended: 'exit', code: 0 } });
    }
    await expectIntactTransfers(session, 10_000);
    for (let count = 0; count < 20; count++) expect((await session.exec('echo x')).stdout).toBe('x\n');
  });

  it('the own connection of a worker is told apart from those of others, which are logins', async () => {
    const { host, session } = await instance();
    // Other tests may have servers on this computer.
    expect((await askUse(session, 0))?.logins).toBeGreaterThanOrEqual(0);
    const other = await sessionOf(host.address);
    await other.exec(':');
    expect((await askUse(session, 0))?.logins).toBeGreaterThanOrEqual(1);
    expect(await askUse(session, 1)).toBeUndefined();
  });

  it('keys that are exchanged again and again do not disturb a transfer', async () => {
    const { session } = await instance({ config: ['RekeyLimit 256K'] });
    await expectIntactTransfers(session, 8_000_000);
  });

  it('a host that takes no more connections for now can be tried again', async () => {
    const { host } = await instance({ config: ['MaxStartups 1:100:1'] });
    // The slot of the session before may not be free at once.
    const waiting = await until(() => greeted(host.address));
    closing.push(() => void waiting.destroy());
    await expect(sessionOf(host.address)).rejects.toBeInstanceOf(SshError);
    waiting.destroy();
    const session = await until(() => sessionOf(host.address).catch(() => undefined));
    expect((await session.exec('echo x')).stdout).toBe('x\n');
  });

  it('a banner is no part of an answer', async () => {
    const { session } = await instance({ config: ['Banner /etc/passwd'] });
    expect((await session.exec('echo x')).stdout).toBe('x\n');
  });

  it('a slow link delays transfers and breaks nothing', async () => {
    const { host } = await instance();
    const session = await sessionOf({ ...host.address, port: await slowRelay(host.address.port, 400_000) });
    await expectIntactTransfers(session, 1_000_000);
    expect((await run(session, 'seq 20000')).text.length).toBe(108_894);
  });

  it('a step ended by a reboot says so at once, and its files can be read', async () => {
    const { host, session } = await instance();
    const folder = await running(host, session, 'echo kept > "$HOME/result"; sleep 600');
    await killRunner(folder);
    const [, ...rest] = (await readFile(join(folder, 'birth'), 'utf8')).split('\n');
    await writeFile(join(folder, 'birth'), ['another-boot', ...rest].join('\n'));
    expect((await follow(session, 'command')).end).toEqual({ ended: 'vanished', reason: 'rebooted', kernelSays: '' });
    expect((await readThere(session, 'result', 5, bytesOf)).toString()).toBe('kept\n');
  });

  it('a step ended by the kernel for lack of memory says so, with the words of its log', async () => {
    const { host, session } = await instance();
    const line = 'Out of memory: Killed process 4711 (python) total-vm:1kB';
    await writeFile(join(host.bin, 'dmesg'), `#!/bin/sh\necho '${line}'\nprintf 'later\\n'\n`, { mode: 0o755 });
    const folder = await running(host, session, 'sleep 600');
    await killRunner(folder);
    const [boot] = (await readFile(join(folder, 'birth'), 'utf8')).split('\n');
    await writeFile(join(folder, 'birth'), `${boot}\n-1\n`);
    const { end } = await follow(session, 'command');
    expect(end).toEqual({ ended: 'vanished', reason: 'out-of-memory', kernelSays: line });
  });

  it('another process with the number of the one that ran a step does not keep the step alive', async () => {
    const { host, session } = await instance();
    const folder = await running(host, session, 'sleep 600');
    await killRunner(folder);
    await writeFile(join(folder, 'runner'), `${process.pid} 1\n`);
    expect((await follow(session, 'command')).end).toMatchObject({ ended: 'vanished', reason: 'killed' });
  });

  it.skipIf(process.getuid?.() !== 0)(
    'a full disk keeps neither the cause of a failed upload nor an exit code secret',
    async () => {
      const { host, session } = await instance();
      mount(host.home);
      const filled = unpackThere(session, archiveOf({ a: noise(600_000), b: noise(900_000), c: noise(10) }), 'folder');
      await expect(filled).rejects.toBeInstanceOf(RemoteCommandError);
      await expect(filled).rejects.toThrow(/No space left on device/);
      await session.exec('rm -rf "$HOME/folder"');
      // By `exec`, since a shell would free the room of its script when it ends.
      const { end } = await run(session, `exec sh -c 'cat /dev/zero > filled || exit 7'`);
      expect(end).toEqual({ ended: 'exit', code: 7 });
      await expect(startStep(session, step('next'), 'true')).rejects.toThrow(/No space left on device/);
    },
  );

  it('python writes what it prints at once, and a job may change that', async () => {
    const { session } = await instance();
    expect((await run(session, 'echo "$PYTHONUNBUFFERED"')).text).toBe('1\n');
    expect((await run(session, 'export PYTHONUNBUFFERED=; echo "$PYTHONUNBUFFERED"', 'own')).text).toBe('\n');
  });

  it.each([{}, { shell: 'fish' }, { programs: [...basicPrograms, 'timeout'] }])(
    'GPUs are sampled while a command runs, apart from its output and exit code (%j)',
    async (options) => {
      const smi = `echo '45, 1024, 81920, 67'\necho '[N/A], 3, 81920, 31'\necho warning >&2`;
      const { followed, samples } = await sampled(smi, { ...options, count: 3, seconds: 60 });
      expect(followed).toEqual({ text: 'begin\nend\n', end: { ended: 'exit', code: 7 } });
      expect(samples.slice(0, 3)).toEqual(
        Array(3).fill([
          { utilization: 45, memoryUsed: 1024, memoryTotal: 81920, temperature: 67 },
          { memoryUsed: 3, memoryTotal: 81920, temperature: 31 },
        ]),
      );
    },
  );

  it.each([
    ['fails', 'echo "No devices were found"; exit 6'],
    ['prints without end', "exec yes '1, 2'"],
    ['prints what looks like an exit code', "printf '1\\nexit [0]\\n\\033]\\nexit [0]\\n'"],
    ['kills its process group', 'kill -KILL 0'],
  ])('an nvidia-smi that %s disturbs no command', async (_, smi) => {
    const { followed, samples } = await sampled(smi);
    expect([followed, samples]).toEqual([{ text: 'begin\nend\n', end: { ended: 'exit', code: 7 } }, []]);
  });

  it('an nvidia-smi that hangs delays no command, is started once, and does not survive the command', async () => {
    const smi = 'echo started >> "$HOME/starts"; trap "" HUP INT; sleep 299';
    const { host, followed } = await sampled(smi);
    const endedAt = Date.now();
    expect(followed).toEqual({ text: 'begin\nend\n', end: { ended: 'exit', code: 7 } });
    expect(await readFile(join(host.home, 'starts'), 'utf8')).toBe('started\n');
    await until(async () => (await processesOf(host.home)).length === 0, 'its end');
    // Without the follower, `timeout` would end it after 30 s.
    expect(Date.now() - endedAt).toBeLessThan(15_000);
  });

  it.each([
    ['nvidia-smi', ['timeout']],
    ['timeout', []],
  ])('without %s there are no samples, and the command runs', async (absent, programs) => {
    const { host, session } = await instance({ programs: [...basicPrograms, ...programs] });
    if (absent === 'timeout') {
      await writeFile(join(host.bin, 'nvidia-smi'), "#!/bin/sh\necho '1, 2, 3, 4'\n", { mode: 0o755 });
    }
    await startStep(session, step('command'), 'echo begin; sleep 1; exit 7');
    const onSample = () => expect.unreachable();
    const followed = await follow(session, 'command', 0, { everyMs: 200, onSample });
    expect(followed).toEqual({ text: 'begin\n', end: { ended: 'exit', code: 7 } });
  });

  it('a pipeline fails when a part of it fails', async () => {
    const { session } = await instance();
    expect((await run(session, 'sh -c "exit 5" | cat; echo not reached')).end).toEqual({ ended: 'exit', code: 5 });
  });

  it.skipIf(fakeTime === undefined)('a clock that is hours off changes nothing', async () => {
    const env = { LD_PRELOAD: fakeTime ?? '', FAKETIME: '-9h' };
    const { host, session } = await instance({ env });
    expect(Number((await session.exec('date +%s')).stdout)).toBeLessThan(Date.now() / 1000 - 8 * 3600);
    await running(host, session, 'sleep 600');
    await killStep(session, step('command'));
    expect((await follow(session, 'command')).end).toEqual({ ended: 'exit', code: 143 });
    await expectIntactTransfers(session, 1000);
  });

  it('a login shell that refuses is named, and can be tried again', async () => {
    const { session } = await instance({ shell: 'false' });
    await expect(session.exec('true')).rejects.toBeInstanceOf(SshError);
    const greeting = await instance({ config: ['ForceCommand echo "Please log in as ubuntu."; exit 142'] });
    await expect(greeting.session.exec('true')).rejects.toThrow('Please log in as ubuntu.');
    expect(greeting.session.answered).toBe(false);
  });

  it('a script that is cut off does not run at all', async () => {
    const { host } = await instance();
    const { commandLine, header } = frameScript('touch "$HOME/half"\necho whole');
    const arrive = (input: Buffer) =>
      spawnSync('sh', ['-c', commandLine], { input, env: { ...process.env, HOME: host.home } }).stdout.toString();
    expect(arrive(header.subarray(0, -8))).not.toContain('whole');
    await expect(stat(join(host.home, 'half'))).rejects.toThrow('ENOENT');
    expect(arrive(header)).toContain('whole');
  });

  const smi = (lines: string) => ({ 'bin/nvidia-smi': `#!/bin/sh\n${lines}\n` });
  const gpu = (index: number) => `echo 'GPU ${index}: NVIDIA H100 80GB HBM3 (UUID: GPU-${index})'`;
  it.each([
    ['all GPUs', [gpu(0), gpu(1), "echo '  MIG 1g.10gb Device 0: (UUID: MIG-1)'"], undefined],
    ['a GPU that is missing', [gpu(0)], 'nvidia-smi shows 1 of 2 GPUs.'],
    [
      'a GPU that is lost',
      [gpu(0), 'echo "Unable to determine the device handle for GPU1: GPU is lost."; exit 15'],
      'GPU is lost.',
    ],
    ['a driver that does not answer', ['exec sleep 600'], 'did not answer'],
    [
      'a driver that is not loaded',
      ['echo "NVIDIA-SMI has failed: no driver."; exit 9'],
      '0 of 2 GPUs. NVIDIA-SMI has failed',
    ],
  ])('the check of an instance with %s says so', async (_, lines, message) => {
    const { host, session } = await instance({ files: smi(lines.join('\n')) });
    await promisify(execFile)('chmod', ['755', join(host.home, 'bin/nvidia-smi')]);
    await promisify(execFile)('mv', [join(host.home, 'bin/nvidia-smi'), host.bin]);
    const checking = checkGpus(
      session,
      step('setup'),
      { count: 2, hasDriver: true },
      message === 'did not answer' ? 1000 : 60_000,
    );
    if (message === undefined) return expect(await checking).toBeUndefined();
    await expect(checking).rejects.toBeInstanceOf(GpuError);
    await expect(checking).rejects.toThrow(message);
  });

  it('an image of the job need not have a driver, and a step that has started is not checked again', async () => {
    const { session } = await instance({ shell: 'dash', programs: basicPrograms });
    await checkGpus(session, step('setup'), { count: 2, hasDriver: false });
    const ours = checkGpus(session, step('setup'), { count: 2, hasDriver: true });
    await expect(ours).rejects.toThrow('The image has no nvidia-smi.');
    await run(session, 'true', 'setup');
    await checkGpus(session, step('setup'), { count: 2, hasDriver: true });
  });
});

/** Mounts a disk of 1 MiB, which any user may write to. */
function mount(at: string): void {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=777', 'tmpfs', at]);
  if (mounted.status !== 0) throw new Error(`tmpfs could not be mounted: ${mounted.stderr}`);
  closing.push(() => void spawnSync('umount', ['-l', at]));
}

/** A TCP relay that passes so many bytes a second in each direction. */
async function slowRelay(port: number, bytesPerSecond: number): Promise<number> {
  const pieceMs = 20;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pause();
      const timer = setInterval(() => {
        const piece = from.read(Math.min(from.readableLength, (bytesPerSecond * pieceMs) / 1000));
        if (piece !== null) to.write(piece);
      }, pieceMs);
      from.on('readable', () => undefined).on('error', () => undefined);
      from.on('close', () => {
        clearInterval(timer);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** A connection that the host has greeted and that says nothing. */
async function greeted({ host, port }: OpenSsh['address']): Promise<Socket | undefined> {
  const socket = connect(port, host);
  const greeting = await new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString())).once('close', () => resolve(''));
  });
  return greeting.startsWith('SSH-') ? socket : undefined;
}
