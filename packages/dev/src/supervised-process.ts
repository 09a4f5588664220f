import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface SupervisedOptions {
  /** Asks the program to end; KILL follows after five seconds. Default `TERM`. */
  readonly endSignal?: 'TERM' | 'INT';
  /** Default: the parent's. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** File that all it says is appended to. */
  readonly log?: string;
}

/** A program of somebody else's that ends with this process, however that ends. */
export interface SupervisedProcess {
  /** Of the program itself. */
  readonly pid: Promise<number>;
  readonly running: boolean;
  /** The latest line that it said. */
  readonly lastLine: string | undefined;
  /** Ends it and waits until it is gone. Safe to call twice. */
  close(): Promise<void>;
}

/*
 * The shell between us and the program reads a pipe whose other end only this process holds: however this process ends, SIGKILL
 * included, the pipe closes and the shell stops the program.
 */
const supervisor = `
signal=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & program=$!
echo "pid $program"
{ cat <&3 >/dev/null; kill -$signal $program; i=0; while [ $i -lt 50 ]; do i=$((i + 1)); sleep 0.1; kill -0 $program || exit 0; done; kill -KILL $program; } 2>/dev/null >&2 & watcher=$!
exec 3<&-
wait $program; code=$?
kill $watcher 2>/dev/null
exit $code
`;

export function startSupervised(
  path: string,
  args: readonly string[],
  { endSignal = 'TERM', user, env = process.env, cwd, log }: SupervisedOptions = {},
): SupervisedProcess {
  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', endSignal, path, ...args], {
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
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      lastLine = error.message;
      resolve();
    });
  });
  void exited.then(() => said?.end());
  const pid = new Promise<number>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.startsWith('pid ')) resolve(Number(line.slice(4)));
        else if (line.trim() !== '') lastLine = line;
        said?.write(`${line}\n`);
      });
    }
  });
  return {
    pid,
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    get lastLine() {
      return lastLine;
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
