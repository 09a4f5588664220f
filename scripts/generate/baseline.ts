import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GenerationError } from './generation-error.ts';

/** The documents that new ones are compared with. */
export interface Baseline {
  /** Name for messages: `HEAD`. */
  readonly name: string;
  /** Returns the bytes of a file, or undefined if it was not there. */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
}

const run = promisify(execFile);

/** Answers of git about a path that a commit does not have, or about a folder without a repository or a commit. */
const absent = /does not exist in|exists on disk, but not in|not a git repository|invalid object name 'HEAD'/;

/** Returns the files of a commit. */
export function gitBaseline(root: string, commit: string): Baseline {
  const read = async (path: string) => {
    try {
      const { stdout } = await run('git', ['show', '--end-of-options', `${commit}:./${path}`], {
        cwd: root,
        encoding: 'buffer',
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, LC_ALL: 'C' },
      });
      return stdout;
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
      if (absent.test(said)) return undefined;
      const [first] = (said || String(error)).split('\n');
      throw new GenerationError(`git cannot show ${path} at ${commit}: ${first}`);
    }
  };
  return { name: commit, read };
}
