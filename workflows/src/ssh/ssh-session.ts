import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import type { SshAddress } from '@gpu-clouds/clouds/pure';
import { Client, type ClientChannel } from 'ssh2';
import { BoundedBytes } from './bounded-bytes.ts';

export interface SshTarget {
  readonly address: SshAddress;
  /** OpenSSH private key, PEM. */
  readonly privateKey: string;
  /** `SHA256:…` as `ssh-keygen -l` shows it. Left out: any, on first sight. */
  readonly hostKey?: string | undefined;
}

export interface ExecOptions {
  /** What the command reads; its end is always sent. */
  readonly stdin?: string | Readable | undefined;
  /** Called for each piece, in order, the next one after the returned promise has settled. */
  readonly onStdout?: (bytes: Buffer) => void | Promise<void>;
}

export interface ExecResult {
  /** Exit code; 255 when the command was killed by a signal. */
  readonly code: number;
  /** What came and was not taken by `onStdout`. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface SshSession {
  /** `SHA256:…` of the key that the host showed. */
  readonly hostKey: string;
  /** The whole of it: `ssh-ed25519 AAAA…`. */
  readonly hostPublicKey: string;
  /**
   * @throws SshError when the connection breaks first.
   * @throws RemoteCommandError when stderr, or stdout without `onStdout`, exceeds 1 MiB.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  close(): void;
}

/** The way to the instance is broken: it does not answer, refuses the key, or is another instance than before. */
export class SshError extends Error {
  override readonly name = 'SshError';
  /** True when the instance showed another host key than the pinned one. */
  readonly wrongHost: boolean;

  constructor(
    message: string,
    { wrongHost = false, ...options }: ErrorOptions & { readonly wrongHost?: boolean } = {},
  ) {
    super(message, options);
    this.wrongHost = wrongHost;
  }
}

/** The instance could be reached, and could not do what it was asked for: no space, no such program. */
export class RemoteCommandError extends Error {
  override readonly name = 'RemoteCommandError';
}

/**
 * Bytes of stderr, and of stdout where nobody takes it piece by piece, that a command may write. Our own commands answer in a line or two,
 * and warn once a file at most.
 */
const answerLimit = 1024 * 1024;

/** Bytes that may wait in a channel: twice the window that ssh2 grants. */
const waitingLimit = 4 * 1024 * 1024;

/** Exit code of our own scripts for input that came only in part (EX_TEMPFAIL): worth another try. */
export const cutOff = 75;

/**
 * What a command's exit code other than 0 means. One that a signal ended, or whose input was cut off, is the connection's failure and
 * not the instance's.
 * @param what A sentence without its end, such as `x could not be uploaded`.
 */
export function commandFailure(what: string, { code, stderr }: ExecResult): SshError | RemoteCommandError {
  const message = `${what}: ${lastLine(stderr) || `exit code ${code}`}`;
  return code === cutOff || code === 255 ? new SshError(message) : new RemoteCommandError(message);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/**
 * Connects to an instance.
 * @param signal Breaks the connection, whenever it is aborted.
 * @throws SshError
 */
export async function openSession(target: SshTarget, signal?: AbortSignal): Promise<SshSession> {
  const { host, port, user } = target.address;
  const client = new Client();
  let hostKey = '';
  let hostPublicKey = '';
  let lastError = new SshError(`The SSH connection to ${host}:${port} was closed.`);
  const closed = new Promise<never>((_resolve, reject) => {
    client.on('error', (error) => {
      lastError = connectionError(target, hostKey, error);
    });
    client.on('close', () => reject(lastError));
  });
  closed.catch(() => undefined);
  const socket = connect({ host, port });
  // SSH sends small packets and waits for answers: Nagle's algorithm would hold each one back until the last is acknowledged.
  socket.setNoDelay(true);
  const abort = () => socket.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  client.on('close', () => signal?.removeEventListener('abort', abort));

  const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()));
  client.connect({
    sock: socket,
    username: user,
    privateKey: target.privateKey,
    readyTimeout: 15_000,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer) => {
      hostKey = fingerprint(key);
      hostPublicKey = publicKeyText(key);
      return target.hostKey === undefined || target.hostKey === hostKey;
    },
  });
  if (signal?.aborted) abort();
  await Promise.race([ready, closed]);

  const channels = new Set<ClientChannel>();
  // ssh2 also keeps what a host sends beyond the window that it was granted.
  socket.on('data', () => {
    if (![...channels].some(({ readableLength }) => readableLength > waitingLimit)) return;
    lastError = new SshError(`The instance at ${host}:${port} sends more than SSH's flow control allows.`);
    socket.destroy();
  });
  return {
    hostKey,
    hostPublicKey,
    exec: (command, options) => Promise.race([run(client, channels, command, options), closed]),
    close() {
      client.end();
      // The other end may go on sending for as long as the connection is half open.
      socket.destroy();
    },
  };
}

function run(
  client: Client,
  channels: Set<ClientChannel>,
  command: string,
  options?: ExecOptions,
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(new SshError(error.message));
        return;
      }
      channels.add(channel);
      channel.once('close', () => channels.delete(channel));
      resolve(communicate(channel, options));
    });
  });
}

/** Has to listen before it awaits anything: a quick command's exit code comes together with the opened channel. */
function communicate(channel: ClientChannel, { stdin = '', onStdout }: ExecOptions = {}): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const stdout = new BoundedBytes(answerLimit);
    const stderr = new BoundedBytes(answerLimit);
    let code = 255;
    let taken = Promise.resolve();
    let failed = false;
    // At once: the other end may go on sending and never close.
    const fail = (error: unknown) => {
      failed = true;
      channel.close();
      if (typeof stdin !== 'string') stdin.destroy();
      reject(error);
    };
    const collect = (bytes: Buffer, into: BoundedBytes, name: string) => {
      if (failed || into.add(bytes)) return;
      fail(tooLong(name, stderr.toString()));
    };
    // One piece at a time: who takes them sets the pace, down to the command's own pipe.
    const pass = (bytes: Buffer, take: NonNullable<ExecOptions['onStdout']>) => {
      channel.pause();
      taken = taken.then(async () => {
        try {
          if (!failed) await take(bytes);
        } catch (error) {
          fail(error);
        }
        channel.resume();
      });
    };
    channel.on('data', (bytes: Buffer) =>
      onStdout === undefined ? collect(bytes, stdout, 'stdout') : pass(bytes, onStdout),
    );
    channel.stderr.on('data', (bytes: Buffer) => collect(bytes, stderr, 'stderr'));
    channel.on('exit', (exitCode: number | null) => {
      code = exitCode ?? 255;
    });
    // A command may end without reading all of its input: what it says itself tells more than a broken pipe.
    channel.on('error', () => undefined);
    // An iterator would not do: it destroys the channel at the end of its data, which may come before the exit code.
    channel.once('close', async () => {
      await taken;
      resolve({ code, stdout: stdout.toString(), stderr: stderr.toString() });
    });
    if (typeof stdin === 'string') channel.end(stdin);
    else stdin.on('error', () => channel.close()).pipe(channel);
  });
}

/** Final: another try would get the same answer, while the instance bills. */
function tooLong(stream: string, stderr: string): RemoteCommandError {
  const [cause = ''] = stderr.split('\n', 1);
  return new RemoteCommandError(
    `The instance sent more than 1 MiB on ${stream} instead of a short answer. ${cause}`.trim(),
  );
}

function connectionError({ address, hostKey: pinned }: SshTarget, hostKey: string, error: Error): SshError {
  const where = `${address.host}:${address.port}`;
  if (pinned !== undefined && hostKey !== '' && hostKey !== pinned) {
    return new SshError(`The instance at ${where} shows the host key ${hostKey} instead of ${pinned}.`, {
      wrongHost: true,
      cause: error,
    });
  }
  return new SshError(`SSH to ${where} failed: ${error.message}`, { cause: error });
}

function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** RFC 4253: the key begins with the length and the name of its kind. */
function publicKeyText(key: Buffer): string {
  return `${key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')} ${key.toString('base64')}`;
}
