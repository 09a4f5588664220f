import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import type { ServerChannel } from 'ssh2';
import { afterEach, expect, it, vi } from 'vitest';
import { startSshServer, type TestSshServer, type TestSshServerOptions } from '../../test/ssh-server.ts';
import { openSession, RemoteCommandError, SshError, type SshSession, SshSilenceError } from './ssh-session.ts';

const mib = 1024 * 1024;
const key = deriveSshKey('a master secret of a test', 'instance');
let server: TestSshServer;
let session: SshSession;

async function connected(options?: TestSshServerOptions): Promise<void> {
  server = await startSshServer(options);
  server.allowed.add(key.publicKey);
  session = await openSession({ address: server.address, privateKey: key.privateKey });
}

afterEach(async () => {
  session.close();
  await server.close();
});

/** Writes 64 MiB as fast as the other end takes them. */
async function flood(channel: ServerChannel, stream: ServerChannel | ServerChannel['stderr']): Promise<void> {
  // Of a size that does not use up a window exactly: ssh2 takes nothing more at a window of 0, and all at one below.
  const piece = Buffer.alloc(30_000, 'a long line\n');
  for (let sent = 0; sent < 64 * mib; sent += piece.byteLength) {
    await new Promise<void>((resolve) => {
      channel.once('close', resolve);
      stream.write(piece, () => {
        channel.off('close', resolve);
        resolve();
      });
    });
    await turn();
  }
  channel.exit(0);
  channel.end();
}

it('a connection sends without delay from its first byte on', async () => {
  const connecting: boolean[] = [];
  const original = Socket.prototype.setNoDelay;
  const spy = vi.spyOn(Socket.prototype, 'setNoDelay').mockImplementation(function (this: Socket, enable) {
    if (enable === true) connecting.push(this.connecting);
    return original.call(this, enable);
  });
  await connected();
  spy.mockRestore();
  expect(connecting).toContain(true);
});

it.each(['stdout', 'stderr'] as const)(
  'a host that answers with a flood on %s ends the call, not the worker',
  async (name) => {
    await connected({ answer: (channel) => void flood(channel, name === 'stderr' ? channel.stderr : channel) });
    const answer = session.exec('a question');
    await expect(answer).rejects.toThrow(`more than 1 MiB on ${name}`);
    await expect(answer).rejects.toBeInstanceOf(RemoteCommandError);
  },
);

it('a login shell that prints without end is given up, not remembered', async () => {
  await connected({ noise: Buffer.alloc(1_900_000, 'Welcome! ') });
  await expect(session.exec('a question')).rejects.toThrow('more than 1 MiB on stdout');
  expect(session.answered).toBe(false);
});

it('a script that neither writes nor ends is given up', async () => {
  await connected({ answer: () => undefined });
  const asked = session.exec('a question', { silenceMs: 100 });
  await expect(asked).rejects.toBeInstanceOf(SshSilenceError);
  expect(session.answered).toBe(true);
});

it('a host that falls silent for 45 s is dead, and one that only sends slowly is not', async () => {
  await connected({ answer: (channel) => void channel.write('one piece') });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const relay = await silentRelay(server.address.port);
    const relayed = await openSession({ address: { ...server.address, port: relay.port }, privateKey: key.privateKey });
    const pieces: string[] = [];
    const asked = relayed.exec('a question', { silenceMs: 1e9, onStdout: (bytes) => void pieces.push(String(bytes)) });
    asked.catch(() => undefined);
    await vi.waitUntil(() => pieces.length > 0);
    relay.fallSilent();
    await vi.advanceTimersByTimeAsync(44_000);
    expect(await Promise.race([asked.catch(() => 'dead'), turn('alive')])).toBe('alive');
    await vi.advanceTimersByTimeAsync(2000);
    await expect(asked).rejects.toThrow('has sent nothing for 45 s');
  } finally {
    vi.useRealTimers();
  }
});

it('an answer of one MiB is taken whole', async () => {
  await connected();
  const { code, stdout } = await session.exec(`head -c ${mib} /dev/zero`);
  expect([code, stdout.length]).toEqual([0, mib]);
});

it('a host that sends on whether or not anybody reads is cut off', async () => {
  let sent = 0;
  await connected({
    answer: async (channel) => {
      const { outgoing }: { outgoing?: { window: number } } = Object(channel);
      if (outgoing !== undefined) outgoing.window = Number.MAX_SAFE_INTEGER;
      await flood(channel, channel);
      sent = 64;
    },
  });
  const read = session.exec('a question', { onStdout: async () => void (await until(() => sent)) });
  await expect(read).rejects.toBeInstanceOf(SshError);
  await expect(read).rejects.toThrow('flow control');
});

it('a closed session ends its connection even when the other end keeps it open', async () => {
  await connected();
  const relay = createServer({ allowHalfOpen: true }, (socket) => {
    const behind = connect(server.address.port);
    socket.pipe(behind).pipe(socket, { end: false });
    behind.on('end', () => {
      const sending = setInterval(() => socket.write('more'), 10);
      socket.on('close', () => clearInterval(sending));
    });
    socket.on('error', () => undefined).on('close', () => relay.close());
  });
  const ended = new Promise<void>((resolve) => relay.on('close', () => resolve()));
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port }: Partial<AddressInfo> = Object(relay.address());
  const relayed = await openSession({ address: { ...server.address, port: port ?? 0 }, privateKey: key.privateKey });
  relayed.close();
  await ended;
});

/** A TCP relay that passes nothing on once it has fallen silent. */
async function silentRelay(behind: number): Promise<{ readonly port: number; fallSilent(): void }> {
  let isSilent = false;
  const relay = createServer((near) => {
    const far = connect(behind, '127.0.0.1');
    near.on('data', (bytes) => far.write(bytes)).on('error', () => undefined);
    far.on('data', (bytes) => isSilent || near.write(bytes)).on('error', () => undefined);
    near.on('close', () => {
      far.destroy();
      relay.close();
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port = 0 }: Partial<AddressInfo> = Object(relay.address());
  return {
    port,
    fallSilent() {
      isSilent = true;
    },
  };
}
