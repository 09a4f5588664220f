import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Settings of a download. */
export interface DownloadContext {
  readonly cacheDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/** How a watched process runs, and when it counts as stalled. */
export interface WatchOptions {
  /** Milliseconds without a change of `progress` after which the process is killed. */
  readonly stalledMs: number;
  /** Called about once a second. Returns the progress as a number, for example in bytes. */
  readonly progress: () => Promise<number>;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs a program until it exits, and kills it when it makes no progress.
 * @throws {Error} when the program fails or stalls; the message is the last line of its standard error, if any
 */
export async function runWatched(command: string, args: readonly string[], options: WatchOptions): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: options.env });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  let stalled = false;
  let last = { value: -1, at: Date.now() };
  const timer = setInterval(async () => {
    const value = await options.progress().catch(() => last.value);
    if (value !== last.value) last = { value, at: Date.now() };
    else if (Date.now() - last.at > options.stalledMs) {
      stalled = true;
      child.kill('SIGKILL');
    }
  }, 1000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(new Error(error.code === 'ENOENT' ? `${command} is not installed` : error.message)),
      );
      child.once('close', resolve);
    });
    if (stalled) throw new Error(`no progress for ${options.stalledMs / 1000} s`);
    if (code !== 0) throw new Error(stderr.trim().split('\n').at(-1) || `exit code ${code}`);
  } finally {
    clearInterval(timer);
  }
}

/** Returns the total size in bytes of all files below a folder, or 0 when the folder does not exist. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        (file) => file.size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Formats bytes as a whole number of megabytes. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
