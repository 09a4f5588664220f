import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { containerPrograms } from './container-runtime.ts';
import type { SshEndpoint } from './network.ts';
import { type InstanceGpu, nvidiaSmi } from './nvidia-smi.ts';
import { instanceMarker, killAll, markerOf } from './processes.ts';
import { type Login, newHostKey, SshServer, type TerminalSize } from './ssh-server.ts';
import { connectionsFile, usePrograms } from './use-programs.ts';

/** The login shell: Bash, as on the vendors' images, where this computer has it. */
const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';

/** Gives a program a pseudo-terminal. Part of Linux distributions; elsewhere, logins have no terminal. */
const script = process.platform === 'linux' && existsSync('/usr/bin/script') ? '/usr/bin/script' : undefined;

/** Options of {@link InstanceRuntime}. */
export interface InstanceRuntimeOptions {
  /** Unique among all instances. Names the folder and marks the processes of the instance. */
  readonly id: string;
  readonly user: string;
  readonly hostname: string;
  readonly authorizedKeys: readonly string[];
  readonly gpu: InstanceGpu;
  readonly sshEndpoint: SshEndpoint;
  readonly folder: string;
  /** SSH closes every connection for this many seconds after boot; permanently when infinite. */
  readonly refusesSeconds?: number | undefined;
  /** SSH closes the first connection this many seconds after its login. */
  readonly dropsAfterSeconds?: number | undefined;
  /** The start-up files of the shell write to stdout and stderr. */
  readonly noisy?: boolean | undefined;
  /** `nvidia-smi` prints without end. */
  readonly gpuFloods?: boolean | undefined;
  /** Neither Docker nor Podman is there, and packages cannot be installed. */
  readonly noContainers?: boolean | undefined;
  /** Programs cannot write files. */
  readonly diskFull?: boolean | undefined;
}

const noise = "echo 'Welcome! 3 updates can be applied.'; echo 'tput: unknown terminal' >&2\n";
const noSpace = '{ echo "$(basename "$0"): write error: No space left on device" >&2; exit 1; }';
/** Programs that fail when they write, as on a full disk. Those that only read work. */
const onFullDisk: Readonly<Record<string, string>> = {
  cat: `[ $# -gt 0 ] || ${noSpace}\n`,
  tar: `case "$1" in *x*) ${noSpace} ;; esac\n`,
};

/** What runs on an instance: a home folder, processes, and an SSH server. */
export class InstanceRuntime {
  readonly #order: InstanceRuntimeOptions;
  readonly #clock: Clock;
  readonly #hostKey = newHostKey();
  readonly #groups = new Set<number>();
  readonly #home: string;
  readonly #bin: string;
  #ssh: SshServer | undefined;
  #refusesFrom = 0;
  #refusesUntil = 0;
  #drops: number | undefined;

  constructor(order: InstanceRuntimeOptions, clock: Clock) {
    this.#order = order;
    this.#clock = clock;
    this.#home = join(order.folder, order.id, 'home');
    this.#bin = join(order.folder, order.id, 'bin');
    this.#drops = order.dropsAfterSeconds;
  }

  /** Boots the instance. SSH accepts logins once this resolves. The home folder keeps its files. */
  async start(): Promise<void> {
    await mkdir(join(this.#home, '.tmp'), { recursive: true });
    await mkdir(this.#bin, { recursive: true });
    const { user, authorizedKeys } = this.#order;
    const programs = {
      'nvidia-smi': this.#order.gpuFloods ? "#!/bin/sh\nexec yes 'GPU 0: flooded'\n" : nvidiaSmi(this.#order.gpu),
      ...usePrograms(user),
      ...containerPrograms(instanceMarker, this.#order.noContainers ?? false),
    };
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(this.#bin, name), script, { mode: 0o755 });
    }
    await this.#writeProfile();
    if (this.#order.noisy) await writeFile(join(this.#home, '.bashrc'), noise);
    if (this.#order.diskFull) await this.fillDisk();
    this.#ssh = new SshServer({
      hostKey: this.#hostKey,
      user,
      authorizedKeys,
      home: this.#home,
      run: (login) => this.#run(login),
      onLogin: () => this.#dropLater(),
      onConnections: (connections) => this.#noteConnections(connections),
    });
    this.refuse(this.#order.refusesSeconds ?? 0);
    await this.#order.sshEndpoint.accept((socket) => this.#handleConnection(socket));
  }

  /** Lets login shells find the programs of the instance, even if `/etc/profile` of this computer replaces PATH. */
  async #writeProfile(): Promise<void> {
    const profile = join(this.#home, '.profile');
    if (!existsSync(profile)) await writeFile(profile, `PATH=${this.#bin}:$PATH\n`);
  }

  /** Lets programs fail that write files. */
  async fillDisk(): Promise<void> {
    await mkdir(this.#bin, { recursive: true });
    for (const [name, check] of Object.entries(onFullDisk)) {
      const program = join(this.#bin, name);
      const rest = `PATH=\${PATH#*:} exec ${name} "$@"\n`;
      await writeFile(program, `#!/bin/sh\n${check}${rest}`, { mode: 0o755 });
    }
  }

  /** Shuts the instance down: kills its processes and closes SSH. */
  async stop(): Promise<void> {
    await this.#order.sshEndpoint.stopAccepting();
    this.#ssh = undefined;
    await killAll(this.#order.id, this.#home, this.#groups);
    this.#groups.clear();
  }

  /** Shuts the instance down and removes its files. */
  async destroy(): Promise<void> {
    await this.stop();
    await rm(join(this.#order.folder, this.#order.id), { recursive: true, force: true, maxRetries: 5 });
  }

  /** Makes SSH close every new connection for `seconds` from now on. */
  refuse(seconds: number): void {
    this.#refusesFrom = this.#clock.now();
    this.#refusesUntil = this.#refusesFrom + seconds * 1000;
  }

  /** Time in milliseconds since 1970 from which SSH has closed every new connection; undefined when it accepts them. */
  get unreachableSince(): number | undefined {
    return this.#clock.now() < this.#refusesUntil ? this.#refusesFrom : undefined;
  }

  /** Closes every open SSH connection. */
  drop(): void {
    this.#ssh?.drop();
  }

  #handleConnection(socket: Socket): void {
    if (this.#ssh === undefined || this.unreachableSince !== undefined) socket.destroy();
    else this.#ssh.accept(socket);
  }

  #dropLater(): void {
    const seconds = this.#drops;
    if (seconds === undefined) return;
    this.#drops = undefined;
    this.#clock.after(seconds * 1000, () => this.drop());
  }

  /** For the simulated `ps`. Synchronous, so that a command sees its own connection. */
  #noteConnections(connections: readonly number[]): void {
    // Connections also end while the instance is destroyed with its files.
    if (this.#ssh === undefined) return;
    writeFileSync(
      join(this.#order.folder, this.#order.id, connectionsFile),
      connections.map((one) => `${one}\n`).join(''),
    );
  }

  #run({ connection, command, environment, terminal }: Login): ChildProcess {
    // As sshd does. A login shell reads ~/.profile; Bash reads ~/.bashrc for a command, because SSH_CLIENT is set.
    const direct = [shell, ...(command === undefined ? ['-l', '-i'] : ['-c', command])];
    const [program = shell, ...args] = terminal === undefined ? direct : onTerminal(direct, terminal);
    const child = spawn(program, args, {
      cwd: this.#home,
      // In its own session, so that the whole process group can be killed.
      detached: true,
      stdio: 'pipe',
      env: { ...environment, TERM: terminal?.term, ...this.#environment(connection) },
    });
    const { pid } = child;
    if (pid !== undefined) {
      this.#groups.add(pid);
      child.on('exit', () => this.#groups.delete(pid));
    }
    return child;
  }

  #environment(connection: number): Record<string, string> {
    const { id, user, hostname } = this.#order;
    return {
      [instanceMarker]: markerOf(id, this.#home),
      HOME: this.#home,
      USER: user,
      LOGNAME: user,
      HOSTNAME: hostname,
      SHELL: shell,
      SSH_CLIENT: `127.0.0.1 ${connection} 22`,
      LANG: 'C.UTF-8',
      TMPDIR: join(this.#home, '.tmp'),
      PATH: `${this.#bin}:${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`,
    };
  }
}

/** Returns the command that runs a command on a pseudo-terminal, or the command itself where that is impossible. */
function onTerminal(command: readonly string[], { cols, rows }: TerminalSize): readonly string[] {
  if (script === undefined) return command;
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return [script, '--quiet', '--return', '--command', `stty cols ${cols} rows ${rows}; exec ${words}`, '/dev/null'];
}
