import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { SshAddress } from '@gpu-clouds/clouds/pure';
import { Client, type ClientChannel } from 'ssh2';

export interface SshTarget {
  readonly address: SshAddress;
  /** OpenSSH private key, PEM. */
  readonly privateKey: string;
  /** `SHA256:…` as `ssh-keygen -l` shows it. Left out: any, on first sight. */
  readonly hostKey?: string;
}

export interface ExecOptions {
  /** What the command reads; its end is always sent. */
  readonly stdin?: string | Readable;
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
  /** @throws SshError when the connection breaks first. */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  close(): void;
}

/** The way to the machine is broken: it does not answer, refuses the key, or is another machine than before. */
export class SshError extends Error {
  override readonly name = 'SshError';
  /** True when the machine showed another host key than the pinned one. */
  readonly wrongHost: boolean;

  constructor(
    message: string,
    { wrongHost = false, ...options }: ErrorOptions & { readonly wrongHost?: boolean } = {},
  ) {
    super(message, options);
    this.wrongHost = wrongHost;
  }
}

/** The machine could be reached, and could not do what it was asked for: no space, no such program. */
export class RemoteCommandError extends Error {
  override readonly name = 'RemoteCommandError';
}

/** Exit code of our own scripts for input that came only in part (EX_TEMPFAIL): worth another try. */
export const cutOff = 75;

/**
 * What a command's exit code other than 0 means. One that a signal ended, or whose input was cut off, is the connection's failure and
 * not the machine's.
 * @param what A sentence without its end, such as `x could not be uploaded`.
 */
export function commandFailure(what: string, { code, stderr }: ExecResult): SshError | RemoteCommandError {
  const message = `${what}: ${stderr.trim().split('\n').at(-1) || `exit code ${code}`}`;
  return code === cutOff || code === 255 ? new SshError(message) : new RemoteCommandError(message);
}

/**
 * Connects to a machine.
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
  const abort = () => client.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  client.on('close', () => signal?.removeEventListener('abort', abort));

  const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()));
  client.connect({
    host,
    port,
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
  return {
    hostKey,
    hostPublicKey,
    exec: (command, options) => Promise.race([run(client, command, options), closed]),
    close: () => client.end(),
  };
}

function run(client: Client, command: string, options?: ExecOptions): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error === undefined) resolve(communicate(channel, options));
      else reject(new SshError(error.message));
    });
  });
}

/** Has to listen before it awaits anything: a quick command's exit code comes together with the opened channel. */
async function communicate(channel: ClientChannel, { stdin = '', onStdout }: ExecOptions = {}): Promise<ExecResult> {
  let stderr = '';
  let code = 255;
  const pieces: Buffer[] = [];
  const take = onStdout ?? ((bytes: Buffer) => void pieces.push(bytes));
  let taken = Promise.resolve();
  let failure: unknown;
  channel.on('data', (bytes: Buffer) => {
    // One piece at a time: who takes them sets the pace, down to the command's own pipe.
    channel.pause();
    taken = taken.then(async () => {
      try {
        if (failure === undefined) await take(bytes);
      } catch (error) {
        failure = error;
        channel.close();
      }
      channel.resume();
    });
  });
  channel.stderr.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-16_384);
  });
  channel.on('exit', (exitCode: number | null) => {
    code = exitCode ?? 255;
  });
  // A command may end without reading all of its input: what it says itself tells more than a broken pipe.
  channel.on('error', () => undefined);
  // An iterator would not do: it destroys the channel at the end of its data, which may come before the exit code.
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
  if (typeof stdin === 'string') channel.end(stdin);
  else stdin.on('error', () => channel.close()).pipe(channel);
  await closed;
  await taken;
  if (failure !== undefined) throw failure;
  return { code, stdout: Buffer.concat(pieces).toString(), stderr };
}

function connectionError({ address, hostKey: pinned }: SshTarget, hostKey: string, error: Error): SshError {
  const where = `${address.host}:${address.port}`;
  if (pinned !== undefined && hostKey !== '' && hostKey !== pinned) {
    return new SshError(`The machine at ${where} shows the host key ${hostKey} instead of ${pinned}.`, {
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
