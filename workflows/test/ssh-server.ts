import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshAddress } from '@gpu-clouds/clouds/pure';
import { deriveSshKey } from '@gpu-clouds/jobs';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { killProcessesOf } from './processes-of.ts';

export interface TestSshServer {
  readonly address: SshAddress;
  /** The user's home on the instance. */
  readonly home: string;
  /** Public keys that are let in: `ssh-ed25519 AAAA… comment`. */
  readonly allowed: Set<string>;
  /** Further environment variables of its sessions. */
  readonly env: Record<string, string>;
  /** Breaks all connections, as a network does; the server goes on. */
  cut(): void;
  close(): Promise<void>;
}

export interface TestSshServerOptions {
  /** Answers every script instead of a shell. */
  readonly answer?: (channel: ServerChannel) => void;
  /** What the login shell prints instead of ever starting ours. */
  readonly noise?: Buffer;
}

/** Queries are answered with the file `gpu-load` of the home folder, and not at all without it. */
const eightGpus = `#!/bin/sh
case "$*" in *--query-gpu*) exec cat "$HOME/gpu-load" ;; esac
for i in 0 1 2 3 4 5 6 7; do echo "GPU $i: NVIDIA H100 80GB HBM3 (UUID: GPU-$i)"; done
`;

/** Only the connection that asks, and what the file `logins` of the home folder adds. The file `polls` has a line for each call. Waits while there is a file `hold`. */
const onlyUs = `#!/bin/sh
echo polled >> "$HOME/polls"
while [ -f "$HOME/hold" ]; do sleep 0.1; done
echo "$PPID 4242 sh"
echo "4242 1 sshd: root@notty"
cat "$HOME/logins" 2>/dev/null
exit 0
`;
/** Other tests keep this computer busy. */
const noLoad = `#!/bin/sh
echo " 10:25:00 up 3 days,  1:02,  0 users,  load average: 0.00, 0.58, 0.59"
`;
/** Shows messages in a file. If there is a file `hold-after-wall`, the next `ps` waits. */
const wall = `#!/bin/sh
cat >> "$HOME/wall"
[ -f "$HOME/hold-after-wall" ] && : > "$HOME/hold"
exit 0
`;

/** An instance that lets in whoever has an allowed key and runs what it is told in a home folder of its own. */
export async function startSshServer({ answer, noise }: TestSshServerOptions = {}): Promise<TestSshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-instance-'));
  const [home, bin] = [join(folder, 'home'), join(folder, 'bin')];
  await Promise.all([mkdir(home), mkdir(bin)]);
  const programs = { 'nvidia-smi': eightGpus, ps: onlyUs, uptime: noLoad, wall };
  for (const [name, script] of Object.entries(programs)) await writeFile(join(bin, name), script, { mode: 0o755 });
  const hostKey = deriveSshKey(randomUUID(), 'host').privateKey;
  const allowed = new Set<string>();
  const env: Record<string, string> = {};
  const connections = new Set<Connection>();
  const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      const known =
        context.method === 'publickey' &&
        [...allowed].some((key) => blobOf(key) === context.key.data.toString('base64'));
      if (known) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on('error', () => undefined);
        if (noise !== undefined) {
          channel.write(noise);
          channel.exit(1);
          channel.end();
          return;
        }
        if (answer !== undefined) {
          channel.once('data', (script: Buffer) => {
            const marker = /printf '\\n%s\\n' (\S+);/.exec(script.toString())?.[1];
            channel.write(`\n${marker}\n`);
            channel.stderr.write(`\n${marker}\n`);
            answer(channel);
          });
          return;
        }
        const child = spawn('sh', ['-c', command], {
          cwd: home,
          // As sshd does it: commands outlive their connection.
          detached: true,
          env: { HOME: home, PATH: `${bin}:${process.env.PATH}`, ...env },
        });
        channel.pipe(child.stdin);
        child.stdin.on('error', () => undefined);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.on('close', (code) => {
          channel.exit(code ?? 255);
          channel.end();
        });
      });
    });
  });
  const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const cut = () => {
    for (const connection of connections) connection.end();
  };
  return {
    address: { host: '127.0.0.1', port, user: 'root' },
    home,
    allowed,
    env,
    cut,
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await killProcessesOf(home);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function blobOf(publicKey: string): string {
  return publicKey.split(' ')[1] ?? '';
}
