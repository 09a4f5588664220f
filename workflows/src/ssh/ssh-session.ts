import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type Readable, Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SshAddress } from '@gpu-clouds/clouds/pure';
import { Client, type ClientChannel } from 'ssh2';
import { BoundedBytes } from './bounded-bytes.ts';
import { AfterMarker, type FramedScript, frameScript } from './framing.ts';

export interface SshTarget {
  readonly address: SshAddress;
  /** OpenSSH private key, PEM. */
  readonly privateKey: string;
  /** `SHA256:…` as `ssh-keygen -l` shows it. Left out: any, on first sight. */
  readonly hostKey?: string | undefined;
}

export interface ExecOptions {
  /** Standard input of the script. Its end is always sent. */
  readonly stdin?: string | Readable | undefined;
  /** Called for each piece, in order, the next one after the returned promise has settled. */
  readonly onStdout?: ((bytes: Buffer) => void | Promise<void>) | undefined;
  /** Called for each piece of stderr as it comes, which is also part of the result. */
  readonly onStderr?: ((bytes: Buffer) => void) | undefined;
  /** The call returns as soon as stdout begins with this line, and lets the script go on by itself. */
  readonly letGoAt?: string | undefined;
  /** Milliseconds without a byte from the script after which the call fails. Default: 2 minutes unless the input is a stream. */
  readonly silenceMs?: number | undefined;
}

export interface ExecResult {
  /** Exit code; 255 when the script was killed by a signal. */
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
  /** Whether a shell of the instance has answered on this connection. */
  readonly answered: boolean;
  /**
   * Runs a script in a POSIX shell, regardless of the user's login shell.
   * @throws SshError when the connection breaks first, or no shell answers.
   * @throws RemoteCommandError when stderr, or stdout without `onStdout`, exceeds 1 MiB.
   */
  exec(script: string, options?: ExecOptions): Promise<ExecResult>;
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

/** The instance can be reached, but a script on it writes nothing and does not end. */
export class SshSilenceError extends SshError {}

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

/** Bytes that a host may send until it has let us in. ssh2 reads a greeting of one line for as long as it comes. */
const greetingLimit = 1024 * 1024;

/** Pieces that may wait in a channel. Each takes a hundred bytes of memory, however short it is. */
const waitingPiecesLimit = 20_000;

/** When a disk becomes full, the first line of tar says of which file only a part was written, and the next one why. */
const causeLines = 3;

/** Milliseconds without a byte from the host after which a connection is broken. Every `pingMs` the host has a reason to send some. */
const deadMs = 45_000;
const pingMs = 10_000;

/** Milliseconds. Our own questions take seconds, and a follower of a step ends after a minute. */
const defaultSilenceMs = 120_000;

/** Milliseconds before each new attempt to open a channel: a host with `MaxSessions 1` still counts the one that has just been closed. */
const channelDelaysMs = [20, 50, 100, 200, 400];

/**
 * What a script's exit code other than 0 means. One that a signal ended, or whose input was cut off, is the connection's failure and
 * not the instance's.
 * @param what A sentence without its end, such as `x could not be uploaded`.
 */
export function commandFailure(what: string, { code, stderr }: ExecResult): SshError | RemoteCommandError {
  const message = `${what}: ${causeIn(stderr) || `exit code ${code}`}`;
  return code === cutOff || code === 255 ? new SshError(message) : new RemoteCommandError(message);
}

/** The first lines. Those that follow are mostly consequences: `tar: Exiting with failure status due to previous errors`. */
function causeIn(text: string, maxLines = causeLines): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, maxLines)
    .join(' ');
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
  /** Why the connection was ended here. What ssh2 says then only follows from that. */
  let ownError: SshError | undefined;
  let lastError = new SshError(`The SSH connection to ${host}:${port} was closed.`);
  const closed = new Promise<never>((_resolve, reject) => {
    client.on('error', (error) => {
      lastError = connectionError(target, hostKey, error);
    });
    client.on('close', () => reject(ownError ?? lastError));
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
    keepaliveInterval: pingMs,
    // On a slow link replies wait behind data: `closeWhenDead` counts every byte instead.
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    // A compressed packet of a few kilobytes may become megabytes.
    algorithms: { compress: ['none'] },
    hostVerifier: (key: Buffer) => {
      hostKey = fingerprint(key);
      hostPublicKey = publicKeyText(key);
      return target.hostKey === undefined || target.hostKey === hostKey;
    },
  });
  if (signal?.aborted) abort();
  const fail = (reason: string) => {
    ownError ??= new SshError(`The instance at ${host}:${port} ${reason}.`);
    socket.destroy();
  };
  const checkGreeting = () => {
    if (socket.bytesRead > greetingLimit) fail('sends more than 1 MiB before it lets anybody in');
  };
  socket.on('data', checkGreeting);
  await Promise.race([ready, closed]);
  socket.off('data', checkGreeting);

  const channels = new Set<ClientChannel>();
  // ssh2 also keeps what a host sends beyond the window that it was granted.
  socket.on('data', () => {
    if ([...channels].some(({ readableLength }) => readableLength > waitingLimit)) {
      fail("sends more than SSH's flow control allows");
    }
    if ([...channels].some((channel) => waitingPieces(channel) > waitingPiecesLimit))
      fail('sends too many small pieces');
  });
  closeWhenDead(socket, () => fail(`has sent nothing for ${deadMs / 1000} s`));
  let answered = false;
  const exec = async (script: string, options: ExecOptions = {}) => {
    const framed = frameScript(script);
    const { result } = await openChannel(client, framed.commandLine, (channel) => {
      channels.add(channel);
      channel.once('close', () => channels.delete(channel));
      return communicate(channel, socket, framed, options, () => {
        answered = true;
      });
    });
    return result;
  };
  return {
    hostKey,
    hostPublicKey,
    get answered() {
      return answered;
    },
    exec: (script, options) => Promise.race([exec(script, options), closed]),
    close() {
      client.end();
      // The other end may go on sending for as long as the connection is half open.
      socket.destroy();
    },
  };
}

function closeWhenDead(socket: Socket, close: () => void): void {
  const timer = setTimeout(close, deadMs);
  socket.on('data', () => timer.refresh());
  socket.once('close', () => clearTimeout(timer));
}

interface Communication {
  readonly result: Promise<ExecResult>;
}

/** @param use Called before anything else happens: the exit code of a quick command comes together with the opened channel. */
async function openChannel(
  client: Client,
  commandLine: string,
  use: (channel: ClientChannel) => Communication,
): Promise<Communication> {
  for (const delayMs of [...channelDelaysMs, undefined]) {
    const opened = await new Promise<Communication | Error>((resolve) => {
      client.exec(commandLine, (error, channel) => resolve(error ?? use(channel)));
    });
    if (!(opened instanceof Error)) return opened;
    if (delayMs === undefined || !opened.message.includes('Channel open failure')) throw new SshError(opened.message);
    await sleep(delayMs);
  }
  throw new SshError('No channel could be opened.');
}

/** Streams of Node tell how many bytes they hold, and not in how many pieces. */
function waitingPieces(channel: ClientChannel): number {
  const { readableBuffer }: { readonly readableBuffer?: { readonly length: number } } = Object(channel);
  return readableBuffer?.length ?? 0;
}

/** ssh2 takes as much as the window of the host allows, which may be everything, and keeps it until the host reads it. */
function paced(socket: Socket): Transform {
  return new Transform({
    transform(piece, _encoding, done) {
      if (socket.writableNeedDrain) socket.once('drain', () => done(null, piece));
      else done(null, piece);
    },
  });
}

function communicate(
  channel: ClientChannel,
  socket: Socket,
  { header, marker }: FramedScript,
  {
    stdin = '',
    onStdout,
    onStderr,
    letGoAt,
    silenceMs = typeof stdin === 'string' ? defaultSilenceMs : undefined,
  }: ExecOptions,
  onAnswer: () => void,
): Communication {
  const result = new Promise<ExecResult>((resolve, reject) => {
    const stdout = new BoundedBytes(answerLimit);
    const stderr = new BoundedBytes(answerLimit);
    const frames = { stdout: new AfterMarker(marker), stderr: new AfterMarker(marker) };
    let code = 255;
    let taken = Promise.resolve();
    let over = false;
    // At once: the other end may go on sending and never close.
    const fail = (error: unknown) => {
      over = true;
      clearTimeout(timer);
      channel.close();
      if (typeof stdin !== 'string') stdin.destroy();
      reject(error);
    };
    const silent = () => fail(new SshSilenceError(`The instance has not answered for ${(silenceMs ?? 0) / 1000} s.`));
    const timer = silenceMs === undefined ? undefined : setTimeout(silent, silenceMs);
    const collect = (bytes: Buffer, into: BoundedBytes, name: string) => {
      if (!into.add(bytes)) fail(tooLong(name, stderr.toString()));
    };
    // One piece at a time: who takes them sets the pace, down to the command's own pipe.
    const pass = (bytes: Buffer, take: NonNullable<ExecOptions['onStdout']>) => {
      channel.pause();
      taken = taken.then(async () => {
        try {
          if (!over) await take(bytes);
        } catch (error) {
          fail(error);
        }
        timer?.refresh();
        channel.resume();
      });
    };
    const receive = (name: 'stdout' | 'stderr', piece: Buffer) => {
      timer?.refresh();
      if (over) return;
      const frame = frames[name];
      const bytes = frame.take(piece);
      if (frame.begun && name === 'stdout') onAnswer();
      if (!frame.begun && frame.skipped > answerLimit) fail(tooLong(name, frame.noise));
      if (over || bytes.byteLength === 0) return;
      if (name === 'stdout' && onStdout !== undefined) pass(bytes, onStdout);
      else collect(bytes, name === 'stdout' ? stdout : stderr, name);
      if (name === 'stderr') onStderr?.(bytes);
      if (letGoAt === undefined || !stdout.toString().startsWith(`${letGoAt}\n`)) return;
      over = true;
      clearTimeout(timer);
      resolve({ code: 0, stdout: '', stderr: '' });
      channel.close();
    };
    channel.on('data', (bytes: Buffer) => receive('stdout', bytes));
    channel.stderr.on('data', (bytes: Buffer) => receive('stderr', bytes));
    channel.on('exit', (exitCode: number | null) => {
      code = exitCode ?? 255;
    });
    // A command may end without reading all of its input: what it says itself tells more than a broken pipe.
    channel.on('error', () => undefined);
    // An iterator would not do: it destroys the channel at the end of its data, which may come before the exit code.
    channel.once('close', async () => {
      clearTimeout(timer);
      await taken;
      if (frames.stdout.begun) resolve({ code, stdout: stdout.toString(), stderr: stderr.toString() });
      else reject(noShell(code, frames.stderr.noise || frames.stdout.noise));
    });
    channel.write(header);
    if (typeof stdin === 'string') channel.end(stdin);
    else {
      stdin
        .on('error', () => channel.close())
        .pipe(paced(socket))
        .pipe(channel);
    }
  });
  return { result };
}

/** A login shell that refuses (nologin, a forced command, no processes left) may be there for the time of a boot. */
function noShell(code: number, noise: string): SshError {
  return new SshError(`The login shell of the instance did not start sh: ${causeIn(noise, 1) || `exit code ${code}`}`);
}

/** Final: another try would get the same answer, while the instance bills. */
function tooLong(stream: string, stderr: string): RemoteCommandError {
  return new RemoteCommandError(
    `The instance sent more than 1 MiB on ${stream} instead of a short answer. ${causeIn(stderr, 1)}`.trim(),
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
