import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** How a supervised program is started and ended, and who hears what it says. */
export interface SupervisedOptions {
  /** Asks the program to end. Default `TERM`. */
  readonly endSignal?: 'TERM' | 'INT';
  /** Whole seconds after which KILL follows. Default 5. */
  readonly graceSeconds?: number;
  /** The user that it runs as, by number. Default: the parent's. */
  readonly user?: {
    /** Number of the user. */
    readonly uid: number;
    /** Number of the user's group. */
    readonly gid: number;
  };
  /** Its environment. Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder that it runs in. Default: the parent's. */
  readonly cwd?: string;
  /** File that all it says is appended to. */
  readonly log?: string;
  /** Called with each line that it says. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** A program that ends with this process, however that ends. */
export interface SupervisedProcess {
  /** Of the program itself. */
  readonly pid: Promise<number>;
  /** False once it has ended. */
  readonly running: boolean;
  /** The first line that it says on its standard output. Undefined when it ends without one. */
  readonly firstLine: Promise<string | undefined>;
  /** The latest line that it said. */
  readonly lastLine: string | undefined;
  /** Resolves once it is gone, with its exit code: 128 and the signal's number when a signal ended it. Undefined when it could not be started. */
  readonly exited: Promise<number | undefined>;
  /** Sends it KILL and waits until it is gone. Safe to call twice. */
  kill(): Promise<void>;
  /** Ends it and waits until it is gone. Safe to call twice. */
  close(): Promise<void>;
}

/*
 * The shell between us and the program reads a pipe whose other end only this process holds: however this process ends, SIGKILL
 * included, the pipe closes and the shell stops the program.
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

/** Starts a program in a process group of its own, which ends with this process, however that ends. Needs `/bin/sh`. */
export function startSupervised(
  path: string,
  args: readonly string[],
  { endSignal = 'TERM', graceSeconds = 5, user, env = process.env, cwd, log, onLine }: SupervisedOptions = {},
): SupervisedProcess {
  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', endSignal, String(graceSeconds * 10), path, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...user,
    // A group of its own: Ctrl-C in the terminal must reach whoever uses the program first, and the program after them.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const said = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
  let lastLine: string | undefined;
  const exited = new Promise<number | undefined>((resolve) => {
    child.once('close', (code) => resolve(code ?? undefined));
    child.once('error', (error) => {
      lastLine = error.message;
      resolve(undefined);
    });
  });
  void exited.then(() => said?.end());
  const note = (line: string, stream: 'stdout' | 'stderr') => {
    if (line.trim() !== '') lastLine = line;
    said?.write(`${line}\n`);
    onLine?.(line, stream);
  };
  createInterface({ input: child.stderr }).on('line', (line) => note(line, 'stderr'));
  const output = createInterface({ input: child.stdout });
  // The shell's own line comes first.
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
