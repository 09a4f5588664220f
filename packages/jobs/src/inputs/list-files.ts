import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isInside } from '../job/job-folder.ts';
import { type Credential, credentialInFile } from './credentials.ts';
import { type IgnoreRules, rulesAbove } from './ignore-rules.ts';
import { InputError } from './input-error.ts';

/** A file or folder to upload. */
export interface FileToUpload {
  /** Where it is on this machine. */
  readonly path: string;
  /** Its path in the archive, with `/` between names. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  readonly executable: boolean;
}

/** A file or folder that is not uploaded, and why. */
export interface SkippedFile {
  /** Relative to the uploaded file or folder's own folder. */
  readonly path: string;
  /** Size in bytes. Absent for folders and links. */
  readonly size?: number | undefined;
  /** Why, as the end of a sentence: `it is ignored`. */
  readonly reason: string;
}

export interface ListOptions {
  /** The folder that links must not lead out of. Its ignore rules apply too. With links resolved. */
  readonly top: string;
  readonly credentials: readonly Credential[];
}

export interface Listed {
  readonly files: readonly FileToUpload[];
  readonly skipped: readonly SkippedFile[];
}

/**
 * Lists what is uploaded of a file or folder.
 * @param from Path with links resolved, inside `top`.
 * @param name Path in the archive; empty for the content of a folder.
 * @throws {InputError} Nothing of it can be uploaded, or a name in it is not valid UTF-8.
 */
export async function listFiles(from: string, name: string, options: ListOptions): Promise<Listed> {
  const lister = new Lister(options);
  const stats = await stat(from);
  const refusal = stats.isDirectory() ? neverUploaded(options.top, from) : await lister.whyNotFile(from, stats);
  if (refusal !== undefined) throw new InputError(`${from} is not uploaded: ${refusal}.`);
  if (!stats.isDirectory()) return { files: [fileOf(from, name, stats)], skipped: [] };
  const above = (await rulesAbove(options.top, from)).except(from, true);
  await lister.addFolder({ path: from, real: from, name }, above, []);
  return lister;
}

interface Place {
  readonly path: string;
  /** With links resolved. */
  readonly real: string;
  readonly name: string;
}

class Lister implements Listed {
  readonly files: FileToUpload[] = [];
  readonly skipped: SkippedFile[] = [];
  readonly #options: ListOptions;

  constructor(options: ListOptions) {
    this.#options = options;
  }

  /** @param within The folders that this one is in, with links resolved: a link to one of them leads in a circle. */
  async addFolder({ path, real, name }: Place, above: IgnoreRules, within: readonly string[]): Promise<void> {
    const rules = await above.inside(path);
    for (const entry of await namesIn(path)) {
      const place = { path: join(path, entry), name: name === '' ? entry : `${name}/${entry}` };
      await this.#add(place, rules, [...within, real]);
    }
  }

  async #add(place: Omit<Place, 'real'>, rules: IgnoreRules, within: readonly string[]): Promise<void> {
    const { path, name } = place;
    const found = await resolved(path);
    if (found === undefined) return this.#skip(name, 'it is a link to nothing');
    const { real, stats } = found;
    const { top } = this.#options;
    if (!isInside({ folder: top, path: real })) return this.#skip(name, `it is a link that leads out of ${top}`);
    const never = neverUploaded(top, path) ?? neverUploaded(top, real);
    if (never !== undefined) return this.#skip(name, never, stats);
    if (rules.ignores(path, stats.isDirectory())) return this.#skip(name, 'it is ignored', stats);
    if (stats.isDirectory()) {
      if (within.includes(real)) return this.#skip(name, 'it is a link that leads in a circle');
      this.files.push(fileOf(path, name, stats));
      return this.addFolder({ ...place, real }, rules, within);
    }
    const refusal = await this.whyNotFile(path, stats);
    if (refusal !== undefined) return this.#skip(name, refusal, stats);
    this.files.push(fileOf(path, name, stats));
  }

  async whyNotFile(path: string, stats: Stats): Promise<string | undefined> {
    const never = neverUploaded(this.#options.top, path);
    if (never !== undefined) return never;
    if (!stats.isFile()) return 'it is neither a file nor a folder';
    const credential = await credentialInFile(path, this.#options.credentials);
    return credential && `it contains the value of ${credential}`;
  }

  #skip(path: string, reason: string, stats?: Stats): void {
    this.skipped.push({ path, reason, size: stats?.isFile() ? stats.size : undefined });
  }
}

/** Returns why a path is never uploaded, whatever the ignore rules say. */
function neverUploaded(top: string, path: string): string | undefined {
  const names = relative(top, path).split(sep);
  const isPrivate = names.some((name) => name.startsWith('.env') || name === '.git' || name === '.gpu-clouds');
  return isPrivate ? '.env files, .git, and .gpu-clouds are never uploaded' : undefined;
}

/** Returns the names in a folder, in the order of their bytes. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  return names.toSorted(Buffer.compare).map((name) => {
    if (isUtf8(name)) return name.toString();
    const shown = JSON.stringify(name.toString('latin1'));
    throw new InputError(`${folder} has a file name that is not valid UTF-8: ${shown}. Rename the file.`);
  });
}

async function resolved(path: string): Promise<{ readonly real: string; readonly stats: Stats } | undefined> {
  try {
    return { real: await realpath(path), stats: await stat(path) };
  } catch (error) {
    // ELOOP: links that lead to each other.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ELOOP') return undefined;
    throw error;
  }
}

function fileOf(path: string, name: string, stats: Stats): FileToUpload {
  const isFolder = stats.isDirectory();
  return { path, name, isFolder, size: isFolder ? 0 : stats.size, executable: (stats.mode & 0o100) !== 0 };
}
