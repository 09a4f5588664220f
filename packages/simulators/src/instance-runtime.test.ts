import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type ssh2 from 'ssh2';
import type { ClientChannel, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { privateKey, publicKey } from '../test/key-pair.ts';
import { connect, run, type Target } from '../test/ssh.ts';
import { systemClock } from './clock.ts';
import { InstanceRuntime, type InstanceRuntimeOptions } from './instance-runtime.ts';
import { Network } from './network.ts';
import { processesOf } from './processes.ts';
import { newHostKey } from './ssh-server.ts';

let folder: string;
let network: Network;
let runtime: InstanceRuntime;
let target: Target;

async function up(more: Partial<InstanceRuntimeOptions> = {}): Promise<void> {
  const sshEndpoint = network.ownPort();
  const gpu = { name: 'RTX A6000', count: 2, memory: 48 };
  const order = {
    id: 'm1',
    user: 'root',
    hostname: 'gpu-box',
    authorizedKeys: [publicKey],
    gpu,
    sshEndpoint,
    folder,
    ...more,
  };
  runtime = new InstanceRuntime(order, systemClock);
  await runtime.start();
  target = { host: sshEndpoint.host, port: sshEndpoint.port, username: 'root' };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  network = new Network();
  await network.open([]);
});

afterEach(async () => {
  await runtime.destroy();
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a command', () => {
  it('a command receives standard input and returns its output, errors, and exit code', async () => {
    await up();
    const done = await run(target, 'tr a-z A-Z; echo oops >&2; exit 7', 'hello');
    expect(done).toEqual({ code: 7, out: 'HELLO', err: 'oops\n' });
  });

  it('a killed command returns its signal', async () => {
    await up();
    expect(await run(target, 'kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('a command runs in the home folder of its instance, which contains a folder for temporary files', async () => {
    await up();
    const { out } = await run(target, 'echo "$PWD|$HOME|$TMPDIR|$USER"; touch here');
    const home = join(folder, 'm1', 'home');
    expect(out.trim()).toBe(`${home}|${home}|${home}/.tmp|root`);
    expect(await readdir(home)).toContain('here');
  });

  it('nvidia-smi prints the GPUs of the instance', async () => {
    await up();
    const { out } = await run(
      target,
      'nvidia-smi -L; nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits',
    );
    expect(out.match(/GPU \d: NVIDIA RTX A6000/g)).toHaveLength(2);
    expect(out).toContain('NVIDIA RTX A6000, 49152\n');
  });

  it('ps shows the SSH connections of the instance, and nothing else of this computer', async () => {
    await up();
    const idle = 'ps -eo pid=,ppid=,args=; echo self $$';
    const alone = (await run(target, idle)).out;
    const [, connection] = /^(\d+) 1 sshd: root@notty$/m.exec(alone) ?? [];
    const [, self] = /^self (\d+)$/m.exec(alone) ?? [];
    expect(alone).toMatch(new RegExp(`^ *${self} +${connection} `, 'm'));
    expect(alone).not.toContain('vitest');
    const other = await connect(target);
    expect((await run(target, idle)).out.match(/ sshd: /g)).toHaveLength(2);
    other.end();
  });

  it('an instance is idle while only the caller runs there, and busy with a command in the background', async () => {
    await up();
    const use = 'uptime; nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits';
    expect((await run(target, use)).out).toMatch(/load average: 0\.00, 0\.00, 0\.00\n0\n0\n$/);
    await run(target, 'setsid sleep 600 > /dev/null 2>&1 < /dev/null &');
    expect((await run(target, use)).out).toMatch(/load average: [1-9]\d*\.00, .*\n93\n93\n$/);
  });

  it('nvidia-smi prints the load that a file in the home folder sets, for each GPU', async () => {
    await up();
    const query = 'nvidia-smi --query-gpu=utilization.gpu,memory.used,memory.total,temperature.gpu --format=csv';
    expect((await run(target, `${query},noheader,nounits`)).out).toBe('0, 24576, 49152, 64\n'.repeat(2));
    await run(target, "printf '1024 7 41\\n0 0 30\\n' > .gpu-load");
    expect((await run(target, query)).out).toBe(
      'utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu\n' +
        '7 %, 1024 MiB, 49152 MiB, 41\n0 %, 0 MiB, 49152 MiB, 30\n',
    );
  });

  it('a command transfers 1 MB in both directions unchanged', async () => {
    await up();
    const text = 'gpu-clouds '.repeat(100_000);
    const { out } = await run(target, 'cat', text);
    expect(out === text).toBe(true);
  });
});

describe('file transfer', () => {
  function sftpOf(client: InstanceType<typeof ssh2.Client>): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
      client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)));
    });
  }

  it('SFTP writes, lists, renames, reads, and removes files of the home folder', async () => {
    await up();
    const client = await connect(target);
    const sftp = await sftpOf(client);
    const call = <Value>(act: (done: (error: Error | undefined | null, value: Value) => void) => void) =>
      new Promise<Value>((resolve, reject) => act((error, value) => (error ? reject(error) : resolve(value))));
    await call<void>((done) => sftp.mkdir('data', (error) => done(error, undefined)));
    const bytes = Buffer.alloc(300_000, 'gpu');
    await call<void>((done) => sftp.writeFile('data/a.bin', bytes, { mode: 0o600 }, (error) => done(error, undefined)));
    await call<void>((done) => sftp.rename('data/a.bin', 'data/b.bin', (error) => done(error, undefined)));
    const listed = await call<FileEntryWithStats[]>((done) => sftp.readdir('data', done));
    expect(listed.map(({ filename }) => filename)).toEqual(['b.bin']);
    expect(await call<string>((done) => sftp.realpath('.', done))).toBe(join(folder, 'm1', 'home'));
    const { mode, size } = await call<Stats>((done) => sftp.stat('data/b.bin', done));
    expect([mode & 0o777, size]).toEqual([0o600, bytes.length]);
    expect((await call<Buffer>((done) => sftp.readFile('data/b.bin', done))).equals(bytes)).toBe(true);
    await call<void>((done) => sftp.unlink('data/b.bin', (error) => done(error, undefined)));
    await expect(call<Stats>((done) => sftp.stat('data/b.bin', done))).rejects.toThrow('No such file');
    client.end();
  });

  const installed = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

  it.for<[string, string[]]>([
    ['scp', ['-q', '-r', '-P']],
    ['scp', ['-q', '-r', '-O', '-P']],
    ['rsync', ['-a', '-e']],
  ])('%s %j copies a folder to an instance and back, where it is installed', async ([program, options], { skip }) => {
    skip(!installed('ssh') || !installed(program));
    await up();
    const key = join(folder, 'key');
    await writeFile(key, privateKey, { mode: 0o600 });
    const ssh = [
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
      '-i',
      key,
    ];
    const flags =
      program === 'rsync'
        ? [...options, ['ssh', ...ssh, '-p', target.port].join(' ')]
        : [...options, String(target.port), ...ssh];
    const copy = (from: string, to: string) => promisify(execFile)(program, [...flags, from, to]);
    await mkdir(join(folder, 'up', 'inner'), { recursive: true });
    await writeFile(join(folder, 'up', 'inner', 'a b.txt'), 'hello\n', { mode: 0o755 });
    await copy(join(folder, 'up'), `root@${target.host}:there`);
    await copy(`root@${target.host}:there`, join(folder, 'down'));
    const names = await readdir(join(folder, 'down'), { recursive: true });
    const copied = join(folder, 'down', names.find((name) => name.endsWith('a b.txt')) ?? '');
    expect(await readFile(copied, 'utf8')).toBe('hello\n');
    expect((await stat(copied)).mode & 0o100).toBe(0o100);
  });
});

describe('a forwarded connection', () => {
  type Client = InstanceType<typeof ssh2.Client>;
  const forward = (client: Client, host: string, port: number) =>
    new Promise<ClientChannel>((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  /** A server that answers with what it was sent, once the client has sent everything. */
  async function upperCaseServer(): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, async (socket) => {
      socket.end((await text(socket)).toUpperCase());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }
  const portOf = (server: Server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };

  it('a client reaches a server on the loopback address of the instance, and each direction ends on its own', async () => {
    await up();
    const server = await upperCaseServer();
    const client = await connect(target);
    for (const host of ['127.0.0.1', 'localhost']) {
      const channel = await forward(client, host, portOf(server));
      channel.end('hello');
      expect(await text(channel)).toBe('HELLO');
    }
    client.end();
    server.close();
  });

  it('a target elsewhere, a port without a server, and the 129th open connection are refused', async () => {
    await up();
    const server = await upperCaseServer();
    const client = await connect(target);
    await expect(forward(client, '192.0.2.1', portOf(server))).rejects.toThrow('Channel open failure');
    const first = await forward(client, '127.0.0.1', portOf(server));
    await Promise.all(Array.from({ length: 127 }, () => forward(client, '127.0.0.1', portOf(server))));
    await expect(forward(client, '127.0.0.1', portOf(server))).rejects.toThrow('Channel open failure');
    first.end();
    expect(await text(first)).toBe('');
    await expect.poll(async () => (await forward(client, '127.0.0.1', portOf(server))).writable).toBe(true);
    client.end();
    await promisify(server.close.bind(server))();
    await expect(connect(target).then((next) => forward(next, '127.0.0.1', 9))).rejects.toThrow('Channel open failure');
  });
});

describe('the user’s start-up files', () => {
  it('a command reads .bashrc and a shell reads .profile, as with sshd and Bash', async () => {
    await up();
    await run(target, 'echo "export FROM=bashrc" > .bashrc; echo "export FROM=profile" > .profile');
    expect((await run(target, 'echo $FROM')).out).toBe('bashrc\n');
    const client = await connect(target);
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.shell(false, (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
    });
    channel.end('echo $FROM\nexit\n');
    expect(await text(channel)).toContain('profile\n');
    client.end();
  });
});

describe('a login', () => {
  it.runIf(existsSync('/usr/bin/script'))('a shell on a terminal knows its size and finds nvidia-smi', async () => {
    await up();
    const client = await connect(target);
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.shell({ term: 'xterm', cols: 91, rows: 17 }, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    channel.end('stty size; echo $TERM; nvidia-smi -L; exit 3\n');
    const output = text(channel);
    const [code] = await once(channel, 'exit');
    client.end();
    expect(code).toBe(3);
    expect(await output).toMatch(/17 91\r\nxterm\r\nGPU 0: NVIDIA RTX A6000/);
  });

  it('a login requires an authorized key and the right user', async () => {
    await up();
    await expect(connect({ ...target, username: 'admin' })).rejects.toThrow('authentication');
    await expect(connect(target, { privateKey: newHostKey() })).rejects.toThrow('authentication');
    await expect(connect(target, { password: 'x', privateKey: '' })).rejects.toThrow();
    (await connect(target, { privateKey })).end();
  });

  it('an instance keeps its host key, and another instance has another one', async () => {
    const seen: string[] = [];
    const hostVerifier = (key: Buffer) => seen.push(key.toString('base64')) > 0;
    await up();
    for (let i = 0; i < 2; i++) (await connect(target, { hostVerifier })).end();
    await runtime.destroy();
    await up();
    (await connect(target, { hostVerifier })).end();
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).not.toBe(seen[0]);
  });
});

describe('a process that left its session', () => {
  const detached = "setsid nohup sh -c 'echo started > started; sleep 1000' > /dev/null 2>&1 < /dev/null & echo ok";

  it('a detached process survives the login and is killed when its instance is destroyed', async () => {
    await up();
    expect((await run(target, detached)).out).toBe('ok\n');
    const home = join(folder, 'm1', 'home');
    await expect.poll(() => readdir(home)).toContain('started');
    expect((await processesOf('m1', home)).length).toBeGreaterThan(0);
    await runtime.destroy();
    expect(await processesOf('m1', home)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('a detached process is killed when its instance is stopped, and the files stay', async () => {
    await up();
    await run(target, detached);
    // The detached process may not have started yet when the command returns.
    const started = join(folder, 'm1', 'home', 'started');
    await expect.poll(() => readFile(started, 'utf8')).toBe('started\n');
    await runtime.stop();
    expect(await processesOf('m1', join(folder, 'm1', 'home'))).toEqual([]);
    await runtime.start();
    expect((await run(target, 'cat started')).out).toBe('started\n');
  });
});

describe('SSH faults', () => {
  it('ssh-refuses closes every connection until its time is over', async () => {
    await up({ refusesSeconds: Number.POSITIVE_INFINITY });
    await expect(connect(target)).rejects.toThrow();
    runtime.refuse(0);
    (await connect(target)).end();
  });

  it('ssh-drop closes the first connection and accepts the next one', async () => {
    await up({ dropsAfterSeconds: 0 });
    const first = await connect(target);
    await once(first, 'close');
    expect((await run(target, 'echo still here')).out).toBe('still here\n');
  });

  it('a destroyed instance refuses connections', async () => {
    await up();
    await runtime.destroy();
    await expect(connect(target)).rejects.toThrow('ECONNREFUSED');
  });
});

it('destroying an instance spares the processes of an instance with the same id in another folder', async () => {
  await up();
  const other = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  const sshEndpoint = network.ownPort();
  const gpu = { name: 'RTX A6000', count: 1, memory: 48 };
  const order = {
    id: 'm1',
    user: 'root',
    hostname: 'twin',
    authorizedKeys: [publicKey],
    gpu,
    sshEndpoint,
    folder: other,
  };
  const twin = new InstanceRuntime(order, systemClock);
  await twin.start();
  try {
    const home = join(other, 'm1', 'home');
    await run(
      { host: sshEndpoint.host, port: sshEndpoint.port, username: 'root' },
      'cd /; setsid sleep 60 >/dev/null 2>&1 </dev/null &',
    );
    await runtime.destroy();
    expect((await processesOf('m1', home)).length).toBeGreaterThan(0);
  } finally {
    await twin.destroy();
    await rm(other, { recursive: true, force: true });
  }
});

it('a noisy instance prints on both streams before a command', async () => {
  await up({ noisy: true });
  const { out, err } = await run(target, 'echo data');
  expect([out, err]).toEqual([expect.stringMatching(/^Welcome!.*\ndata\n$/), expect.stringContaining('tput')]);
});

it('on a full disk programs that write fail and programs that read work', async () => {
  await up();
  await runtime.fillDisk();
  const full = await run(target, 'echo data | cat > file; cat /etc/hostname > /dev/null && echo read');
  expect(full.err).toContain('cat: write error: No space left on device');
  expect(full.out).toContain('read');
});

it('nvidia-smi of a flooding instance prints without end', async () => {
  await up({ gpuFloods: true });
  expect((await run(target, 'nvidia-smi -L | head -n 100000 | wc -l')).out.trim()).toBe('100000');
});
