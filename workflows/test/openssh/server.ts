import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SshAddress } from '@gpu-clouds/clouds/pure';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { killProcessesOf } from '../processes-of.ts';

const sshd = '/usr/sbin/sshd';
const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];
const libraryPath = (name: string) => libraries.map((folder) => join(folder, name)).find(existsSync);
/** Gives the user of the tests a login shell and a home without an entry in /etc/passwd: https://cwrap.org/nss_wrapper.html. */
const nssWrapper = libraryPath('libnss_wrapper.so');
export const fakeTime = libraryPath('faketime/libfaketime.so.1');

/** Why these tests cannot run here. Empty if they can. */
export const missing = [
  ...(existsSync(sshd) ? [] : ['openssh-server']),
  ...(nssWrapper === undefined ? ['libnss-wrapper'] : []),
  ...['tcsh', 'fish', 'busybox', 'dash', 'bash'].filter((name) => programPath(name) === undefined),
].join(', ');

export interface OpenSshOptions {
  /** Login shell. Default `bash`. */
  readonly shell?: string | undefined;
  /** Whether the login shell also reads /etc/profile and .profile for commands, as on images that start it through a wrapper. */
  readonly readsProfile?: boolean | undefined;
  /** Lines of sshd_config. */
  readonly config?: readonly string[] | undefined;
  /** Names of the programs that the instance has. Default: those of this machine. */
  readonly programs?: readonly string[] | undefined;
  /** Whether all programs are BusyBox's. */
  readonly busybox?: boolean | undefined;
  /** Environment variables of every session. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Files of the home folder, by path. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

export interface OpenSsh {
  readonly address: SshAddress;
  readonly home: string;
  /** Comes first on the PATH of sessions. */
  readonly bin: string;
  close(): Promise<void>;
}

/** All programs that our scripts use. Without `setsid` and `bash`, which an instance may lack. */
export const basicPrograms = [
  ...['sh', 'dd', 'cat', 'wc', 'head', 'tail', 'tr', 'mkdir', 'mv', 'rm', 'sleep', 'sed', 'grep', 'dirname'],
  ...['chmod', 'tar', 'find', 'dmesg', 'touch', 'env', 'seq'],
];

/** OpenSSH as an unprivileged user, with a home folder, a login shell, and programs of its own. */
export async function startOpenSsh(publicKey: string, options: OpenSshOptions = {}): Promise<OpenSsh> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-openssh-'));
  const [home, bin] = [join(folder, 'home'), join(folder, 'bin')];
  await Promise.all([mkdir(home), mkdir(bin)]);
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
  const isClosed = options.busybox === true || options.programs !== undefined;
  for (const name of options.programs ?? []) await link(name, name);
  if (options.busybox) for (const name of [...basicPrograms, 'setsid']) await link('busybox', name);
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const { uid, gid } = own.uid === 0 ? { uid: 65_534, gid: 65_534 } : own;
  const program = options.busybox ? join(bin, 'sh') : programPath(options.shell ?? 'bash');
  const shell = options.readsProfile ? join(bin, 'login-shell') : program;
  if (options.readsProfile) {
    await writeFile(join(bin, 'login-shell'), `#!/bin/sh\nexec ${program} -l "$@"\n`, { mode: 0o755 });
  }
  await writeFile(join(folder, 'passwd'), `gpu:x:${uid}:${gid}::${home}:${shell}\n`);
  await writeFile(join(folder, 'authorized_keys'), `${publicKey}\n`);
  const hostKey = join(folder, 'host_key');
  await writeFile(hostKey, deriveSshKey(randomUUID(), 'host').privateKey, { mode: 0o600 });
  const path = isClosed ? bin : `${bin}:${process.env.PATH}`;
  const env = Object.entries({ PATH: path, ...options.env }).map(([name, value]) => `"${name}=${value}"`);
  const config = [
    ...(options.config ?? []),
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `SetEnv ${env.join(' ')}`,
    ...['UsePAM no', 'StrictModes no', 'PidFile none', 'PrintMotd no'],
  ];
  await writeFile(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
  await chownAll(folder, uid, gid);
  const daemon = await listening((port) =>
    spawn(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config'), '-p', String(port)], {
      ...(own.uid === 0 ? { uid, gid } : {}),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { LD_PRELOAD: nssWrapper, NSS_WRAPPER_PASSWD: join(folder, 'passwd'), NSS_WRAPPER_GROUP: '/etc/group' },
    }),
  );
  return {
    address: { host: '127.0.0.1', port: daemon.port, user: 'gpu' },
    home,
    bin,
    async close() {
      daemon.child.kill();
      await killProcessesOf(home);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };

  async function link(program: string, name: string): Promise<void> {
    const at = programPath(program);
    if (at !== undefined) await symlink(at, join(bin, name));
  }
}

export function programPath(name: string): string | undefined {
  return ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((at) => join(at, name)).find(existsSync);
}

async function chownAll(folder: string, uid: number, gid: number): Promise<void> {
  await chmod(folder, 0o755);
  await chown(folder, uid, gid);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isSymbolicLink());
  await Promise.all(files.map(({ parentPath, name }) => chown(join(parentPath, name), uid, gid)));
}

/** Another program may take a port before sshd does. */
async function listening(start: (port: number) => ChildProcess): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const child = start(port);
    let log = '';
    const listens = await new Promise<boolean>((resolve) => {
      child.stderr?.on('data', (bytes: Buffer) => {
        log = `${log}${bytes}`.slice(-10_000);
        if (log.includes('Server listening on')) resolve(true);
      });
      child.on('close', () => resolve(false));
    });
    if (listens) return { child, port };
    if (!log.includes('Address already in use')) throw new Error(`sshd did not start: ${log}`);
  }
  throw new Error('sshd found no free port.');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port = 0 }: Partial<AddressInfo> = Object(server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
