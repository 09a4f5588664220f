import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  access,
  constants,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { diskFailure, noneIfMissing, onDisk, sizeOf } from './disk.ts';
import {
  type InputStore,
  type OutputRef,
  type PutFileOptions,
  type RunStore,
  RunStoreError,
  type StoredFile,
  type StoredItem,
  type TokenStore,
} from './run-store.ts';
import { inputFile, inputIdOf, isRunId, runFolder, storedPath, tokenFile, tokenNameOf } from './stored-path.ts';

/** Folders and files are for their owner only: output may contain anything. */
const folderMode = 0o700;
const outputName = /^output(?:-(\d+))?(?:\.attempt-(\d+))?\.log$/;
const fileModes = { plain: 0o600, executable: 0o700 };

/**
 * Creates a run store in a local folder: `<folder>/<run>/output.log` (`output-1.log` for node 1, `output.attempt-2.log` for the second attempt)
 * with `times.log`, and `gpu.log`, `<folder>/<run>/outputs/`, `<folder>/<run>/checkpoints/`, and `<folder>/.inputs/`. Only the user who runs the
 * process can read them.
 * @param folder Default: `.gpu-clouds/runs` in the working directory.
 */
export function localRunStore(folder = '.gpu-clouds/runs'): RunStore {
  const root = resolve(folder);
  const location = (run: string) => join(root, runFolder(run));
  const outputFile = ({ run, node, attempt = 1, record = 'output' }: OutputRef) =>
    join(location(run), `${record}${node === 0 ? '' : `-${node}`}${attempt === 1 ? '' : `.attempt-${attempt}`}.log`);
  const fileAt = (run: string, path: string) => join(location(run), ...storedPath(path).split('/'));
  return {
    pace: { everyMs: 0, bytes: 0 },
    async check() {
      await onDisk(root, async () => {
        await makeFolder(root);
        await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
      });
    },
    id: () => onDisk(root, () => storeId(root)),
    inputs: localInputs(join(root, '.inputs')),
    tokens: localTokens(join(root, '.tokens')),
    location,
    async listOutput(run) {
      const folder = location(run);
      const names = await onDisk(folder, () => readdir(folder).catch(noneIfMissing));
      const found = names.flatMap((name) => {
        const [whole, node = '0', attempt = '1'] = outputName.exec(name) ?? [];
        return whole === undefined ? [] : [{ run, node: Number(node), attempt: Number(attempt) }];
      });
      const sizes = await Promise.all(found.map((output) => sizeOf(outputFile(output))));
      return found.filter((_, index) => (sizes[index] ?? 0) > 0);
    },
    async outputSize(output) {
      return (await sizeOf(outputFile(output))) ?? 0;
    },
    async writeOutput(output, offset, bytes) {
      const path = outputFile(output);
      await onDisk(path, async () => {
        await makeFolder(dirname(path));
        // 'a' creates the file but ignores positions; 'r+' uses positions but does not create the file.
        await (await open(path, 'a', fileModes.plain)).close();
        const file = await open(path, 'r+');
        await writeAll(file, bytes, offset).finally(() => file.close());
      });
    },
    async *readOutput(output, from) {
      const path = outputFile(output);
      const size = (await sizeOf(path)) ?? 0;
      if (size > from) yield* contentOf(path, { start: from, end: size - 1 });
    },
    async putFile(run, path, content, options) {
      await putWhole(fileAt(run, path), join(location(run), '.parts'), content, options);
    },
    async statFile(run, path) {
      const file = fileAt(run, path);
      const [found] = await onDisk(file, () =>
        stat(file)
          .then((stats) => [stats])
          .catch(noneIfMissing),
      );
      return found?.isFile() ? { size: found.size, executable: (found.mode & 0o100) !== 0 } : undefined;
    },
    async *readFile(run, path) {
      yield* existing(fileAt(run, path));
    },
    async *listFiles(run, folder) {
      const inRun = (path: string) => relative(location(run), path).split(sep).join('/');
      for await (const { path, size } of filesIn(fileAt(run, folder))) yield { path: inRun(path), size };
    },
    async removeFiles(run, path) {
      const file = fileAt(run, path);
      await onDisk(file, () => rm(file, { recursive: true, force: true }));
    },
    async *listRuns() {
      const entries = await onDisk(root, () => readdir(root, { withFileTypes: true }).catch(noneIfMissing));
      for (const { name } of entries.filter((entry) => entry.isDirectory() && isRunId(entry.name))) {
        const changes = await Promise.all((await partsOfRun(join(root, name))).map(lastChange));
        if (changes.length > 0) yield { id: name, changedAt: Math.max(...changes) };
      }
    },
    async removeRun(run) {
      const folder = location(run);
      for (const path of await partsOfRun(folder)) await onDisk(path, () => rm(path, { recursive: true, force: true }));
      const left = await onDisk(folder, () => readdir(folder).catch(() => undefined));
      if (left?.length === 0) await onDisk(folder, () => rmdir(folder));
    },
  };
}

function localInputs(folder: string): InputStore {
  const fileOf = (id: string) => join(folder, inputFile(id));
  return {
    put: async (id, content) => putWhole(fileOf(id), join(folder, '.parts'), content),
    async touch(id) {
      const now = new Date();
      const file = fileOf(id);
      return onDisk(file, () => utimes(file, now, now).then(() => true, isMissing));
    },
    async *read(id) {
      yield* existing(fileOf(id));
    },
    async *list(): AsyncGenerator<StoredItem> {
      for (const name of await onDisk(folder, () => readdir(folder).catch(noneIfMissing))) {
        const id = inputIdOf(name);
        const [found] = await onDisk(folder, () => stat(join(folder, name)).then((stats) => [stats], noneIfMissing));
        if (id !== undefined && found !== undefined) yield { id, changedAt: found.mtimeMs };
      }
    },
    async remove(id) {
      const file = fileOf(id);
      await onDisk(file, () => rm(file, { force: true }));
    },
  };
}

function localTokens(folder: string): TokenStore {
  const fileOf = (name: string) => join(folder, tokenFile(name));
  return {
    put: async (name, text) => putWhole(fileOf(name), join(folder, '.parts'), Readable.from([Buffer.from(text)])),
    async *list() {
      for (const file of await onDisk(folder, () => readdir(folder).catch(noneIfMissing))) {
        const name = tokenNameOf(file);
        if (name === undefined) continue;
        const texts = await onDisk(folder, () =>
          readFile(join(folder, file), 'utf8').then((text) => [text], noneIfMissing),
        );
        for (const text of texts) yield { name, text };
      }
    },
    async remove(name) {
      const file = fileOf(name);
      return onDisk(file, () => rm(file).then(() => true, isMissing));
    },
  };
}

/** Returns false if the error means that there is no such file, and throws any other error. */
function isMissing(error: unknown): false {
  noneIfMissing(error);
  return false;
}

/** Reads the id of the store, or stores a new one. The link decides between processes that do so at the same time. */
async function storeId(root: string): Promise<string> {
  const file = join(root, '.store-id');
  const [known] = await readFile(file, 'utf8').then((text) => [text], noneIfMissing);
  if (known !== undefined) return known.trim();
  await makeFolder(root);
  const proposal = join(root, `.store-id.${randomBytes(8).toString('hex')}`);
  await writeFile(proposal, `${randomUUID()}\n`, { mode: fileModes.plain });
  try {
    await link(proposal, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(proposal, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: folderMode });
}

async function* existing(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  if ((await sizeOf(file)) === undefined) throw new RunStoreError(`There is no file ${file}.`, { lasting: true });
  yield* contentOf(file);
}

/** Returns the paths of everything of a run. Its folder may hold other files, which are never removed. */
async function partsOfRun(folder: string): Promise<readonly string[]> {
  const names = await onDisk(folder, () => readdir(folder).catch(noneIfMissing));
  return names
    .filter(
      (name) =>
        outputName.test(name) || /^((gpu|times)(-\d+)?(\.attempt-\d+)?\.log|outputs|checkpoints|\.parts)$/.test(name),
    )
    .map((name) => join(folder, name));
}

/** Returns when a file, or a folder and anything in it, was last changed, in milliseconds since the epoch. */
async function lastChange(path: string): Promise<number> {
  const [found] = await onDisk(path, () => stat(path).then((stats) => [stats], noneIfMissing));
  let latest = found?.mtimeMs ?? 0;
  if (found?.isDirectory()) {
    for await (const file of filesIn(path)) latest = Math.max(latest, await lastChange(file.path));
  }
  return latest;
}

/**
 * Writes a temporary file with a name of its own, and then renames it. An interrupted attempt leaves its temporary file behind; the next
 * attempt for the same path removes it, which also makes an attempt that is still writing fail.
 */
async function putWhole(
  path: string,
  parts: string,
  content: AsyncIterable<Uint8Array>,
  { executable = false }: PutFileOptions = {},
): Promise<void> {
  const ofPath = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const part = join(parts, `${ofPath}.${randomBytes(8).toString('hex')}`);
  const file = await onDisk(path, async () => {
    await makeFolder(parts);
    const left = (await readdir(parts)).filter((name) => name.startsWith(ofPath));
    await Promise.all(left.map((name) => rm(join(parts, name), { force: true })));
    await makeFolder(dirname(path));
    return open(part, 'wx', executable ? fileModes.executable : fileModes.plain);
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
