import type { ChildProcess } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type PseudoTtyInfo,
  type ServerChannel,
  type Session,
} from 'ssh2';
import { Forwarding } from './forwarding.ts';
import { serveSftp } from './sftp-server.ts';

/** OpenSSH's SFTP server, where it is installed: on Debian, Fedora, and macOS. */
const sftpServer = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
].find((path) => existsSync(path));

/** Options of {@link SshServer}. */
export interface SshOptions {
  readonly hostKey: string;
  readonly user: string;
  /** Public keys as OpenSSH lines: `ssh-ed25519 AAAA… comment`. */
  readonly authorizedKeys: readonly string[];
  /** Folder to which relative SFTP paths belong. */
  readonly home: string;
  /** Starts a command, or a shell without a command. */
  readonly run: (login: Login) => ChildProcess;
  /** Called after each login. */
  readonly onLogin: () => void;
  /** Called with the connections that have logged in, after each login and each end of one. */
  readonly onConnections: (connections: readonly number[]) => void;
}

/** What a client asked to start. */
export interface Login {
  /** Number of the connection. */
  readonly connection: number;
  readonly command?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** The client's terminal, as with `ssh -t`. */
  readonly terminal?: TerminalSize | undefined;
}

/** Type and size of a client's terminal. */
export type TerminalSize = Pick<PseudoTtyInfo, 'term' | 'cols' | 'rows'>;

/** The SSH server of one instance. The caller accepts its TCP connections. */
export class SshServer {
  readonly #server: InstanceType<typeof ssh2.Server>;
  readonly #options: SshOptions;
  readonly #keys: readonly ParsedKey[];
  readonly #connections = new Set<Connection>();
  readonly #loggedIn = new Set<number>();
  readonly #forwarding = new Forwarding();
  #count = 0;

  constructor(options: SshOptions) {
    this.#options = options;
    this.#keys = options.authorizedKeys.map(parsedKey).filter((key) => key !== undefined);
    this.#server = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) => this.#serve(connection));
  }

  accept(socket: Socket): void {
    this.#server.injectSocket(socket);
  }

  /** Closes every open connection. New connections are still accepted. */
  drop(): void {
    for (const connection of this.#connections) connection.end();
  }

  #serve(connection: Connection): void {
    this.#count += 1;
    const number = this.#count;
    this.#connections.add(connection);
    connection.on('close', () => {
      this.#connections.delete(connection);
      if (this.#loggedIn.delete(number)) this.#options.onConnections([...this.#loggedIn]);
    });
    // A client that disconnects early is not an error.
    connection.on('error', () => {});
    connection.on('authentication', (context) =>
      this.#isAllowed(context) ? context.accept() : context.reject(['publickey']),
    );
    connection.on('ready', () => {
      this.#loggedIn.add(number);
      this.#options.onConnections([...this.#loggedIn]);
      this.#options.onLogin();
    });
    connection.on('tcpip', (accept, reject, info) => this.#forwarding.forward(accept, reject, info));
    connection.on('session', (accept) => serveSession(accept(), number, this.#options));
  }

  #isAllowed(context: AuthContext): boolean {
    if (context.method !== 'publickey' || context.username !== this.#options.user) return false;
    const key = this.#keys.find((known) => sameBytes(known.getPublicSSH(), context.key.data));
    if (key === undefined) return false;
    if (context.signature === undefined || context.blob === undefined) return true;
    return key.verify(context.blob, context.signature, context.hashAlgo) === true;
  }
}

/** Returns the key in an OpenSSH line, or undefined when the line is not a valid key. */
export function parsedKey(line: string): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(line);
  return key instanceof Error ? undefined : key;
}

/** Creates an Ed25519 private key in OpenSSH format. */
export function newHostKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    // ssh2 sometimes drops leading zero bytes; such a key cannot be parsed.
    if (parsedKey(key) !== undefined) return key;
  }
}

function serveSession(session: Session, connection: number, { run, home }: SshOptions): void {
  const environment: Record<string, string> = {};
  let terminal: TerminalSize | undefined;
  let child: ChildProcess | undefined;
  const start = (command: string | undefined, channel: ServerChannel) => {
    child = run({ connection, command, environment, terminal });
    connect(child, channel);
  };
  session.on('env', (accept, _reject, info) => {
    environment[info.key] = info.val;
    accept?.();
  });
  session.on('pty', (accept, _reject, info) => {
    terminal = info;
    accept?.();
  });
  session.on('window-change', (accept) => accept?.());
  session.on('signal', (accept, _reject, info) => {
    accept?.();
    if (child?.pid !== undefined) signal(child.pid, info.name);
  });
  session.on('exec', (accept, _reject, info) => start(info.command, accept()));
  session.on('shell', (accept) => start(undefined, accept()));
  if (sftpServer === undefined) session.on('sftp', (accept) => serveSftp(accept(), home));
  else {
    session.on('subsystem', (accept, reject, info) => {
      if (info.name !== 'sftp') return reject?.();
      start(sftpServer, accept());
    });
  }
}

/**
 * Connects a process to a channel. As with sshd, the process outlives the connection unless it reads or writes its
 * streams.
 */
function connect(child: ChildProcess, channel: ServerChannel): void {
  const { stdin, stdout, stderr } = child;
  for (const stream of [stdin, stdout, stderr, channel, channel.stderr]) stream?.on('error', () => {});
  if (stdin !== null) channel.pipe(stdin);
  stdout?.pipe(channel, { end: false });
  stderr?.pipe(channel.stderr, { end: false });
  channel.on('close', () => {
    stdin?.end();
    stdout?.destroy();
    stderr?.destroy();
  });
  child.on('error', () => {
    channel.exit(127);
    channel.end();
  });
  child.on('close', (code, name) => {
    if (name === null) channel.exit(code ?? 0);
    else channel.exit(name.replace(/^SIG/, ''), false, '');
    channel.end();
  });
}

function signal(pid: number, name: string): void {
  try {
    process.kill(-pid, `SIG${name}`);
  } catch {
    // The process has ended, or this system does not have the signal.
  }
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
