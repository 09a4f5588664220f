import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../../..');
const own = '@gpu-clouds';

/** A copy of the repository in a temporary folder, with the same dependencies. Disposing it removes the folder. */
export class Workspace {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), 'gpu-clouds-new-vendor-')));
    const folders = ['packages', 'scripts', 'specs', 'examples', 'workflows/README.md'];
    const { stdout } = await run(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...folders, ':(glob)*'],
      { cwd: repository, maxBuffer: 16 * 1024 * 1024 },
    );
    for (const file of stdout.split('\0').filter((path) => path !== '')) {
      await cp(join(repository, file), workspace.path(file), { verbatimSymlinks: true }).catch(ignoreDeleted);
    }
    const packages = await readdir(join(repository, 'packages'));
    for (const folder of ['.', 'scripts', ...packages.map((name) => `packages/${name}`)]) {
      await workspace.#linkDependencies(folder);
    }
    return workspace;
  }

  path(file: string): string {
    return join(this.root, file);
  }

  /** Links the dependencies of a new package, as `pnpm install` does. */
  async linkPackage(name: string, dependents: readonly string[]): Promise<void> {
    await this.#linkDependencies(`packages/${name}`, 'packages/massed-compute');
    for (const dependent of dependents)
      await this.#link(this.path(`packages/${name}`), `${dependent}/node_modules/${own}/${name}`);
  }

  /** Runs a program of the copy. Returns its exit code and all that it printed. */
  async run(program: string, args: readonly string[], folder = '.'): Promise<{ code: number; said: string }> {
    const bin = join(this.root, 'node_modules/.bin', program);
    const file = program === 'node' ? process.execPath : bin;
    return new Promise((resolve) => {
      execFile(file, [...args], { cwd: join(this.root, folder) }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }

  /** Our own packages are those of the copy, all others are those of the repository. */
  async #linkDependencies(folder: string, model = folder): Promise<void> {
    const modules = join(repository, model, 'node_modules');
    for (const name of await readdir(modules).catch(() => [])) {
      if (name === own) {
        for (const part of await readdir(join(modules, own)))
          await this.#link(this.path(`packages/${part}`), `${folder}/node_modules/${own}/${part}`);
      } else if (name !== '.cache') await this.#link(join(modules, name), `${folder}/node_modules/${name}`);
    }
  }

  async #link(target: string, path: string): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await symlink(target, this.path(path));
  }
}

function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
