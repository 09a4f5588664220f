import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { diskFailure, noneIfMissing, onDisk, sizeOf } from './disk.ts';
import { type OutputRef, type RunStore, RunStoreError, type StoredFile } from './run-store.ts';
import { runFolder, storedPath } from './stored-path.ts';

/**
 * Creates a run store in a local folder: `<folder>/<run>/output.log` (`output-1.log` for node 1), `<folder>/<run>/outputs/`, and
 * `<folder>/<run>/checkpoints/`.
 * @param folder Default: `.gpu-clouds/runs` in the working directory.
 */
export function localRuns(folder = '.gpu-clouds/runs'): RunStore {
  const root = resolve(folder);
  const location = (run: string) => join(root, runFolder(run));
  const outputFile = ({ run, node }: OutputRef) =>
    join(location(run), node === 0 ? 'output.log' : `output-${node}.log`);
  const fileAt = (run: string, path: string) => join(location(run), ...storedPath(path).split('/'));
  return {
    pace: { everyMs: 0, bytes: 0 },
    async check() {
      await onDisk(root, async () => {
        await mkdir(root, { recursive: true });
        await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
      });
    },
    location,
    async outputSize(output) {
      return (await sizeOf(outputFile(output))) ?? 0;
    },
    async writeOutput(output, offset, bytes) {
      const path = outputFile(output);
      await onDisk(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        // 'a' creates the file but ignores positions; 'r+' uses positions but does not create the file.
        await (await open(path, 'a')).close();
        const file = await open(path, 'r+');
        await writeAll(file, bytes, offset).finally(() => file.close());
      });
    },
    async *readOutput(output, from) {
      const path = outputFile(output);
      const size = (await sizeOf(path)) ?? 0;
      if (size > from) yield* contentOf(path, { start: from, end: size - 1 });
    },
    async putFile(run, path, content) {
      await putWhole(fileAt(run, path), join(location(run), '.parts'), content);
    },
    async *readFile(run, path) {
      const file = fileAt(run, path);
      if ((await sizeOf(file)) === undefined) throw new RunStoreError(`There is no file ${file}.`, { lasting: true });
      yield* contentOf(file);
    },
    async *listFiles(run, folder) {
      const inRun = (path: string) => relative(location(run), path).split(sep).join('/');
      for await (const { path, size } of filesIn(fileAt(run, folder))) yield { path: inRun(path), size };
    },
    async removeFiles(run, path) {
      const file = fileAt(run, path);
      await onDisk(file, () => rm(file, { recursive: true, force: true }));
    },
  };
}

/**
 * Writes a temporary file with a name of its own, and then renames it. An interrupted attempt leaves its temporary file behind; the next
 * attempt for the same path removes it, which also makes an attempt that is still writing fail.
 */
async function putWhole(path: string, parts: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const ofPath = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const part = join(parts, `${ofPath}.${randomBytes(8).toString('hex')}`);
  const file = await onDisk(path, async () => {
    await mkdir(parts, { recursive: true });
    const left = (await readdir(parts)).filter((name) => name.startsWith(ofPath));
    await Promise.all(left.map((name) => rm(join(parts, name), { force: true })));
    await mkdir(dirname(path), { recursive: true });
    return open(part, 'wx');
  });
  try {
    await fill(file, path, content).finally(() => file.close());
    await onDisk(path, () => rename(part, path));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function fill(file: FileHandle, path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  let offset = 0;
  for await (const bytes of content) {
    await onDisk(path, () => writeAll(file, bytes, offset));
    offset += bytes.byteLength;
  }
}

/** Repeats the write until all bytes are written, because one call may write fewer. */
async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    written += (await file.write(bytes, written, bytes.byteLength - written, offset + written)).bytesWritten;
  }
}

/** Yields the files below a folder. Reads one folder at a time, so that only its entries must fit into memory. */
async function* filesIn(folder: string): AsyncGenerator<StoredFile, void, undefined> {
  const entries = await onDisk(folder, () => readdir(folder, { withFileTypes: true }).catch(noneIfMissing));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    const size = entry.isFile() ? await sizeOf(path) : undefined;
    if (size !== undefined) yield { path, size };
  }
}

async function* contentOf(path: string, range: { readonly start?: number; readonly end?: number } = {}) {
  try {
    for await (const piece of createReadStream(path, { ...range, highWaterMark: 256 * 1024 })) yield piece;
  } catch (error) {
    throw diskFailure(path, error);
  }
}
