import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** How a supervised program is started and stopped, and where its output goes. */
export interface SupervisedOptions {
  /** Signal that stops the program. Default: `TERM`. */
  readonly endSignal?: 'TERM' | 'INT' | undefined;
  /** Whole seconds between the stop signal and SIGKILL. Default: 5. */
  readonly graceSeconds?: number | undefined;
  /** User to run the program as. Default: the user of this process. */
  readonly user?:
    | {
        /** Numeric user ID. */
        readonly uid: number;
        /** Numeric group ID. */
        readonly gid: number;
      }
    | undefined;
  /** Environment of the program. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Working directory of the program. Default: that of this process. */
  readonly cwd?: string | undefined;
  /** File to which standard output and standard error are appended. */
  readonly log?: string | undefined;
  /** Called with each line of output. */
  readonly onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

/** A program that stops when this process exits, even on SIGKILL. */
export interface SupervisedProcess {
  /** Process ID of the program. */
  readonly pid: Promise<number>;
  /** False once the program has exited. */
  readonly running: boolean;
  /** Resolves to the first line of standard output, or to undefined when the program exits without one. */
  readonly firstLine: Promise<string | undefined>;
  /** The latest non-empty line of output. */
  readonly lastLine: string | undefined;
  /**
   * Resolves to the exit code once the program has exited. It is 128 plus the signal number when a signal ended the program, and undefined
   * when the program could not be started.
   */
  readonly exited: Promise<number | undefined>;
  /** Sends SIGKILL and waits until the program has exited. Safe to call twice. */
  kill(): Promise<void>;
  /** Stops the program and waits until it has exited. Safe to call twice. */
  close(): Promise<void>;
}

/*
 * A shell runs between this process and the program. It reads a pipe whose other end only this process holds. When this process exits,
 * even on SIGKILL, the pipe closes and the shell stops the program.
 */
const supervisor = `
signal=$1; tenths=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- & program=$!
echo "pid $program"
{ cat <&3 >/dev/null; kill -$signal $program; i=0; while [ $i -lt $tenths ]; do i=$((i + 1)); sleep 0.1; kill -0 $program || exit 0; done; kill -KILL $program; } 2>/dev/null >&2 & watcher=$!
exec 3<&-
wait $program; code=$?
kill $watcher 2>/dev/null
exit $code
`;

/** Starts a program in its own process group. It stops when this process exits, even on SIGKILL. Requires `/bin/sh`. */
export function startSupervised(
  path: string,
  args: readonly string[],
  { endSignal = 'TERM', graceSeconds = 5, user, env = process.env, cwd, log, onLine }: SupervisedOptions = {},
): SupervisedProcess {
  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', endSignal, String(graceSeconds * 10), path, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    cwd,
    ...user,
    // Own process group: Ctrl-C in the terminal reaches this process only, which stops the program after its users.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const logFile = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
  let lastLine: string | undefined;
  const exited = new Promise<number | undefined>((resolve) => {
    child.once('close', (code) => resolve(code ?? undefined));
    child.once('error', (error) => {
      lastLine = error.message;
      resolve(undefined);
    });
  });
  void exited.then(() => logFile?.end());
  const note = (line: string, stream: 'stdout' | 'stderr') => {
    if (line.trim() !== '') lastLine = line;
    logFile?.write(`${line}\n`);
    onLine?.(line, stream);
  };
  createInterface({ input: child.stderr }).on('line', (line) => note(line, 'stderr'));
  const output = createInterface({ input: child.stdout });
  // The first line comes from the shell and has the process ID.
  const pid = new Promise<number>((resolve) => output.once('line', (line) => resolve(Number(line.slice(4)))));
  const firstLine = new Promise<string | undefined>((resolve) => {
    output.once('line', () => output.once('line', resolve).on('line', (line) => note(line, 'stdout')));
    void exited.then(() => resolve(undefined));
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    firstLine,
    exited,
    get running() {
      return isRunning();
    },
    get lastLine() {
      return lastLine;
    },
    async kill() {
      if (isRunning()) process.kill(await pid, 'SIGKILL');
      await exited;
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
