import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { Edit } from './mutation.ts';

/** What chaos and the tests need of the repository. Links between the packages are relative, so they lead to the copies. */
const needed = [
  ...['packages', 'workflows', 'e2e', 'scripts', 'specs', 'package.json', 'pnpm-workspace.yaml'],
  ...['examples', 'tsconfig.json', 'vitest.shared.ts'],
];

/** An edit does not match the source exactly once. */
export class EditError extends Error {
  override readonly name = 'EditError';
}

/** A copy of the repository whose sources can be changed. */
export class MutatedCopy {
  readonly root: string;
  readonly #original: string;

  private constructor(root: string, original: string) {
    this.root = root;
    this.#original = original;
  }

  /** Copies the sources into a temporary folder. Installed packages are linked, not copied. */
  static async create(original: string): Promise<MutatedCopy> {
    const root = await mkdtemp(join(tmpdir(), 'gpu-clouds-mutated-'));
    for (const name of needed) {
      await cp(join(original, name), join(root, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !relative(original, source).split(sep).includes('dist'),
      });
    }
    await symlink(join(original, 'node_modules'), join(root, 'node_modules'));
    return new MutatedCopy(root, original);
  }

  /** Applies the edits while `work` runs. @throws {EditError} when an edit does not match exactly once */
  async with<T>(edits: readonly Edit[], work: () => Promise<T>): Promise<T> {
    const files = new Set(edits.map(({ file }) => file));
    try {
      for (const edit of edits) await writeFile(join(this.root, edit.file), await edited(this.root, edit));
      return await work();
    } finally {
      for (const file of files) await cp(join(this.#original, file), join(this.root, file));
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Returns the edited source. @throws {EditError} when the edit does not match exactly once */
export async function edited(root: string, { file, before, after }: Edit): Promise<string> {
  const source = await readFile(join(root, file), 'utf8').catch(() => '');
  const matches = source.split(before).length - 1;
  if (matches !== 1) throw new EditError(`${matches} matches instead of 1 in ${file} for: ${before}`);
  return source.replace(before, () => after);
}
