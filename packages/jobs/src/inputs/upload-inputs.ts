import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { isInside, outsideMessage } from '../job/job-folder.ts';
import type { Job, JobFiles } from '../job/job-schema.ts';
import { isUrl } from '../job/remote-file.ts';
import type { RunStore } from '../runs/run-store.ts';
import { archiveOf } from './archive.ts';
import { credentialsIn } from './credentials.ts';
import { InputError } from './input-error.ts';
import { type FileToUpload, listFiles, type SkippedFile } from './list-files.ts';

/** What is uploaded of one file or folder. */
export interface InputSummary {
  /** The file or folder. */
  readonly from: string;
  /** Id of the input. */
  readonly id: string;
  /** Number of files. */
  readonly files: number;
  /** Size of all files in bytes. */
  readonly bytes: number;
  /** Whether the run store had the input already, so that nothing is sent. */
  readonly known: boolean;
  /** What is left out, and why. */
  readonly skipped: readonly SkippedFile[];
}

/** How far an upload is. */
export interface UploadProgress {
  /** The file or folder. */
  readonly from: string;
  /** Bytes that were read for the upload. */
  readonly bytes: number;
  /** Bytes in total. */
  readonly totalBytes: number;
}

/** Options of {@link uploadInputs}. */
export interface UploadOptions {
  /** Environment whose credentials are never uploaded. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called once the files have been read, before anything is sent. */
  readonly onSummary?: ((summary: InputSummary) => void) | undefined;
  /** Called while an input is sent. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

interface Source {
  /** With links resolved. */
  readonly path: string;
  /** Name in the archive; empty for the content of a folder. */
  readonly name: string;
  /** The folder that links must not lead out of, with links resolved. */
  readonly top: string;
}

/**
 * Uploads the content of a folder, or one file, to the run store and returns the id of the input, for `files.up[].input` of a job. The id is
 * the SHA-256 of the content, so that what the store has already is not sent again.
 *
 * Not uploaded are `.env*`, `.git`, `.gpu-clouds`, files that contain a credential of the environment, what `.gpucloudsignore` (or
 * `.gitignore` where there is none) ignores, links that lead out of the folder, and what is neither a file nor a folder.
 * @throws {InputError} The folder does not exist or cannot be read.
 * @throws {RunStoreError} The store fails.
 */
export async function uploadInputs(runs: RunStore, folder: string, options: UploadOptions = {}): Promise<string> {
  const path = await existing(folder);
  const isFolder = (await stat(path)).isDirectory();
  const source = isFolder ? { path, name: '', top: path } : { path, name: basename(folder), top: dirname(path) };
  return upload(runs, source, options);
}

/**
 * Uploads the files that a job names by path, and returns the job with the ids of the inputs in their place. `startJob` does this; call it if
 * a workflow of yours starts `runJob`.
 * @throws {InputError} A file or folder does not exist, is never uploaded, or is outside the folder of the job file.
 * @throws {RunStoreError} The store fails.
 */
export async function uploadJobFiles(runs: RunStore | undefined, job: Job, options: UploadOptions = {}): Promise<Job> {
  if (job.mode !== 'instance') return job;
  return { ...job, files: await new JobUploads(runs, options).files(job.files) };
}

/**
 * Checks that the files that a job uploads exist, and lie in its folder. Reads and uploads none.
 * @throws {InputError} A file is missing or cannot be uploaded.
 */
export async function checkUploads(job: Job): Promise<void> {
  if (job.mode !== 'instance') return;
  for (const { from } of job.files.up) if (isLocal(from)) await sourceOf(from, job.files.folder);
}

function isLocal(from: string | undefined): from is string {
  return from !== undefined && !isUrl(from);
}

async function sourceOf(from: string, folder: string | undefined): Promise<Pick<Source, 'path' | 'top'>> {
  if (folder === undefined) {
    throw new InputError(`The job uploads ${from}, but has no folder: use parseJob, or set files.folder.`);
  }
  const source = { path: await existing(from), top: await existing(folder) };
  const placed = { folder: source.top, path: source.path };
  if (!isInside(placed)) throw new InputError(`The job uploads ${from}, which ${outsideMessage(placed)}.`);
  return source;
}

/** Uploads the files of several jobs, the same file or folder once. */
export class JobUploads {
  readonly #runs: RunStore | undefined;
  readonly #options: UploadOptions;
  readonly #uploads = new Map<string, Promise<string>>();

  constructor(runs: RunStore | undefined, options: UploadOptions = {}) {
    this.#runs = runs;
    this.#options = options;
  }

  async files({ folder, up, down }: JobFiles): Promise<JobFiles> {
    const uploaded: JobFiles['up'] = [];
    for (const entry of up) uploaded.push(await this.#entry(entry, folder));
    return { up: uploaded, down };
  }

  async #entry(entry: JobFiles['up'][number], folder: string | undefined): Promise<JobFiles['up'][number]> {
    const { from, to } = entry;
    if (!isLocal(from)) return entry;
    if (this.#runs === undefined) {
      throw new InputError(`The job uploads ${from}: pass the run store of the workers as \`runs\`.`);
    }
    const source = await sourceOf(from, folder);
    const isFolder = (await stat(source.path)).isDirectory();
    const target = isFolder ? { folder: to, name: '' } : targetOf(to, basename(from));
    return { input: await this.#upload(this.#runs, { ...source, name: target.name }), to: target.folder };
  }

  #upload(runs: RunStore, source: Source): Promise<string> {
    const key = JSON.stringify(source);
    const uploading = this.#uploads.get(key) ?? upload(runs, source, this.#options);
    this.#uploads.set(key, uploading);
    return uploading;
  }
}

/** Returns the folder on the instance that an archive of one file is unpacked in, and the file's name there. */
function targetOf(to: string, name: string): { readonly folder: string; readonly name: string } {
  if (to.endsWith('/')) return { folder: to, name };
  return { folder: dirname(to), name: basename(to) };
}

async function existing(path: string): Promise<string> {
  try {
    return await realpath(resolve(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'ENOENT' ? 'there is no such file or folder' : `it cannot be read (${code})`;
    throw new InputError(`${path} cannot be uploaded: ${reason}. Correct the path.`, { cause: error });
  }
}

async function upload(runs: RunStore, source: Source, options: UploadOptions): Promise<string> {
  const { env = process.env, onSummary, onProgress } = options;
  const { path: from, name, top } = source;
  const { files, skipped } = await listFiles(from, name, { top, credentials: credentialsIn(env) });
  const id = await idOf(files);
  const known = await runs.inputs.touch(id);
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  const count = files.filter(({ isFolder }) => !isFolder).length;
  onSummary?.({ from, id, files: count, bytes: totalBytes, known, skipped });
  if (!known) {
    const content = checked(files, id, from, (bytes) => {
      onProgress?.({ from, totalBytes, bytes: Math.min(bytes, totalBytes) });
    });
    await runs.inputs.put(id, compressed(content));
  }
  return id;
}

async function idOf(files: readonly FileToUpload[]): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of archiveOf(files)) hash.update(piece);
  return hash.digest('hex');
}

/** Yields the archive, and throws at its end if it is another one than the id says. */
async function* checked(
  files: readonly FileToUpload[],
  id: string,
  from: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of archiveOf(files)) {
    hash.update(piece);
    bytes += piece.byteLength;
    onBytes(bytes);
    yield piece;
  }
  if (hash.digest('hex') !== id) throw new InputError(`A file in ${from} changed while it was uploaded. Try again.`);
}

/** Yields the content compressed, fast rather than small: most large files are compressed already. */
async function* compressed(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(content, { objectMode: false });
  const gzip = createGzip({ level: 1 });
  source.on('error', (error) => gzip.destroy(error));
  for await (const piece of source.pipe(gzip)) yield piece;
}
