import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folders with what generation reads and writes, relative to the root. READMEs quote code of `examples`, and the server defines its document. */
const trees = ['packages/server/src', 'scripts/generate', 'packages/openapi-overlay/src', 'examples', 'specs'];

/** Returns every file that decides what generation writes, and every file that it writes. */
function filesOf(root: string): string[] {
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  const documents = ['.', 'workflows', ...packages].flatMap((folder) => filesIn(join(root, folder), { deep: false }));
  const generated = packages.map((folder) => join(folder, 'src/generated'));
  return [
    ...documents.filter((file) => file.endsWith('.md') || file === join(root, 'pnpm-lock.yaml')),
    ...[...generated, ...trees].flatMap((folder) => filesIn(join(root, folder), { deep: true })),
  ];
}

function filesIn(folder: string, { deep }: { deep: boolean }): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [join(folder, entry.name)];
    return deep && entry.isDirectory() && entry.name !== 'node_modules'
      ? filesIn(join(folder, entry.name), { deep })
      : [];
  });
}

/** What the last successful run of a generation read and wrote. */
export class LastRun {
  readonly #root: string;
  readonly #scope: string;

  /** @param scope what is generated, because the files of other vendors may be stale */
  constructor(root: string, scope: string) {
    this.#root = root;
    this.#scope = scope;
  }

  /** Whether no file has changed since. */
  isCurrent(): boolean {
    const file = this.#recordFile();
    return existsSync(file) && readFileSync(file, 'utf8') === this.#digest();
  }

  record(): void {
    mkdirSync(dirname(this.#recordFile()), { recursive: true });
    writeFileSync(this.#recordFile(), this.#digest());
  }

  #recordFile(): string {
    return join(this.#root, 'node_modules/.cache/gpu-clouds/generate', this.#scope);
  }

  #digest(): string {
    const hash = createHash('sha256').update(process.version);
    for (const file of filesOf(this.#root)) {
      const bytes = readFileSync(file);
      hash.update(`\n${file} ${bytes.length}\n`).update(bytes);
    }
    return hash.digest('hex');
  }
}
