import { spawnSync } from 'node:child_process';
import { GenerationError } from './generation-error.ts';

/** The documents that new ones are compared with. */
export interface Baseline {
  /** Name for messages: `HEAD`. */
  readonly name: string;
  /** Returns the bytes of a file, or undefined if it was not there. */
  readonly read: (path: string) => Uint8Array | undefined;
}

/** Returns the files of a commit. git, which takes longer to start than to answer, is asked once for all. */
export function gitBaseline(root: string, commit: string, paths: readonly string[]): Baseline {
  let files: ReadonlyMap<string, Uint8Array> | undefined;
  const read = (path: string) => {
    files ??= filesOf(root, commit, paths);
    return files.get(path);
  };
  return { name: commit, read };
}

/** @throws {GenerationError} git does not run, or has no such commit. `HEAD` may be missing: of a folder without a repository or a commit */
function filesOf(root: string, commit: string, paths: readonly string[]): Map<string, Uint8Array> {
  const names = [`${commit}^{tree}`, ...paths.map((path) => `${commit}:./${path}`)];
  const { status, stdout, stderr, error } = spawnSync('git', ['cat-file', '--batch'], {
    cwd: root,
    input: names.join('\n'),
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status !== 0) {
    const [said = ''] = (status === null ? String(error) : stderr.toString()).split('\n');
    if (said.includes('not a git repository')) return new Map();
    throw new GenerationError(`git cannot show the documents at ${commit}: ${said}`);
  }
  const [tree, ...files] = objectsIn(stdout, names.length);
  if (tree === undefined && commit !== 'HEAD') throw new GenerationError(`git has no commit ${commit}.`);
  return new Map(
    paths.flatMap((path, index) => {
      const bytes = files[index];
      return bytes === undefined ? [] : [[path, bytes]];
    }),
  );
}

/** Reads the answer of `git cat-file --batch`: for each name, a line that ends with the size and the object, or a line. */
function objectsIn(answer: Buffer, count: number): (Uint8Array | undefined)[] {
  let at = 0;
  return Array.from({ length: count }, () => {
    const end = answer.indexOf('\n', at);
    const size = / (?:blob|tree) (\d+)$/.exec(answer.toString('utf8', at, end))?.[1];
    at = end + 1;
    if (size === undefined) return undefined;
    const bytes = answer.subarray(at, at + Number(size));
    at += Number(size) + 1;
    return bytes;
  });
}
