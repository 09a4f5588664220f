import { randomUUID } from 'node:crypto';
import {
  type InputStore,
  type ListedOutput,
  type OutputRef,
  type RunStore,
  RunStoreError,
  type StoredItem,
  type TokenStore,
} from '../runs/run-store.ts';
import { inputFile, inputIdOf, isRunId, runFolder, storedPath, tokenFile, tokenNameOf } from '../runs/stored-path.ts';
import { Bucket, type BucketOptions } from './bucket.ts';
import { SegmentedOutput, segmentBytes } from './segmented-output.ts';

/** Options of {@link s3RunStore}. All workers of a fleet need the same bucket and prefix. */
export interface S3RunStoreOptions extends BucketOptions {
  /** Prefix of all keys: `prefix/<run>/…`. Default: no prefix. */
  readonly prefix?: string | undefined;
}

/** Everything of a run. The bucket may have other objects, which are never removed. */
const foldersOfRun: readonly string[] = ['output', 'times', 'gpu', 'outputs', 'checkpoints'];
/** Name of the metadata of an executable file. */
const executableName = 'executable';
/** Maximum number of delete calls at the same time. */
const maxConcurrentRemovals = 16;

/**
 * Creates a run store in an S3 bucket, on AWS or any S3-compatible server, for workers on several machines.
 *
 * Output is written every 2 seconds or at 1 MiB, with one put and one delete call each time, as one object per MiB and node.
 * Each file is one object (`<run>/outputs/…`). Files larger than 16 MiB are sent as multipart uploads, up to 156 GiB; a transfer holds
 * up to four parts in memory. The parts of a dead worker are removed when the file is stored again. Add a lifecycle rule for incomplete
 * uploads to remove all others.
 */
export function s3RunStore(options: S3RunStoreOptions): RunStore {
  const prefix = (options.prefix ?? '')
    .split('/')
    .filter((name) => name !== '')
    .join('/');
  const url = ['s3:/', options.bucket, prefix].filter((name) => name !== '').join('/');
  const bucket = new Bucket(options, url);
  const output = new SegmentedOutput(bucket);
  const top = prefix === '' ? '' : `${prefix}/`;
  const keyOf = (run: string, path: string) => `${top}${runFolder(run)}/${storedPath(path)}`;
  const recordsOf = (run: string, record: string) => `${top}${runFolder(run)}/${record}/`;
  const outputFolder = ({ run, node, attempt = 1, record = 'output' }: OutputRef) =>
    `${recordsOf(run, record)}${node}${attempt === 1 ? '' : `.attempt-${attempt}`}`;
  return {
    pace: { everyMs: 2000, bytes: segmentBytes },
    location: (run) => `${url}/${runFolder(run)}`,
    async check() {
      await bucket.put(`${top}.check`, new Uint8Array());
      for await (const _ of bucket.list(top, { limit: 1 })) return;
    },
    async id() {
      const key = `${top}.store-id`;
      const known = await textOf(bucket, key);
      if (known !== undefined) return known;
      await bucket.putIfMissing(key, Buffer.from(randomUUID()));
      const stored = await textOf(bucket, key);
      if (stored === undefined) throw new RunStoreError(`${url}/.store-id cannot be read after it was written.`);
      return stored;
    },
    inputs: s3Inputs(bucket, `${top}.inputs/`, url),
    tokens: s3Tokens(bucket, `${top}.tokens/`),
    async listOutput(run) {
      const found = new Map<string, ListedOutput>();
      const folder = recordsOf(run, 'output');
      for await (const { key } of bucket.list(folder)) {
        const [name, node, attempt = '1'] = /^(\d+)(?:\.attempt-(\d+))?\//.exec(key.slice(folder.length)) ?? [];
        if (name !== undefined) found.set(name, { run, node: Number(node), attempt: Number(attempt) });
      }
      return [...found.values()];
    },
    outputSize: async (ref) => output.size(outputFolder(ref)),
    writeOutput: async (ref, offset, bytes) => output.write(outputFolder(ref), offset, bytes),
    readOutput: (ref, from) => output.read(outputFolder(ref), from),
    putFile: async (run, path, content, { executable = false } = {}) =>
      bucket.upload(keyOf(run, path), content, executable ? { [executableName]: 'true' } : undefined),
    async statFile(run, path) {
      const found = await bucket.head(keyOf(run, path));
      return found && { size: found.size, executable: executableName in found.metadata };
    },
    async *readFile(run, path) {
      yield* existing(await bucket.get(keyOf(run, path)), `${url}/${run}/${path}`);
    },
    async *listFiles(run, folder) {
      const ofRun = `${top}${runFolder(run)}/`.length;
      for await (const { key, size } of bucket.list(`${keyOf(run, folder)}/`)) {
        // Consoles create empty objects for folders.
        if (!key.endsWith('/')) yield { path: key.slice(ofRun), size };
      }
    },
    removeFiles: async (run, path) => removeAll(bucket, keyOf(run, path)),
    async *listRuns() {
      let current: StoredItem | undefined;
      for await (const { key, changedAt } of bucket.list(top)) {
        const [id = '', folder = ''] = key.slice(top.length).split('/');
        if (!isRunId(id) || !foldersOfRun.includes(folder)) continue;
        if (current !== undefined && current.id !== id) yield current;
        current = { id, changedAt: Math.max(changedAt, current?.id === id ? current.changedAt : 0) };
      }
      if (current !== undefined) yield current;
    },
    async removeRun(run) {
      for (const folder of foldersOfRun) await removeAll(bucket, `${top}${runFolder(run)}/${folder}`);
    },
  };
}

/** Beside each input, an empty object says when it was last used: S3 cannot change the time of an object. */
function s3Inputs(bucket: Bucket, folder: string, url: string): InputStore {
  const keyOf = (id: string) => `${folder}${inputFile(id)}`;
  const markOf = (id: string) => `${keyOf(id)}.used`;
  return {
    put: async (id, content) => bucket.upload(keyOf(id), content),
    async touch(id) {
      if ((await bucket.head(keyOf(id))) === undefined) return false;
      await bucket.put(markOf(id), new Uint8Array());
      return true;
    },
    async *read(id) {
      yield* existing(await bucket.get(keyOf(id)), `${url}/.inputs/${inputFile(id)}`);
    },
    async *list() {
      let current: StoredItem | undefined;
      for await (const { key, changedAt } of bucket.list(folder)) {
        const id = inputIdOf(key.slice(folder.length).replace(/\.used$/, ''));
        if (id === undefined) continue;
        // The mark sorts directly after its input.
        const latest = current?.id === id ? Math.max(current.changedAt, changedAt) : changedAt;
        if (current !== undefined && current.id !== id) yield current;
        current = { id, changedAt: latest };
      }
      if (current !== undefined) yield current;
    },
    async remove(id) {
      await bucket.remove(keyOf(id));
      await bucket.remove(markOf(id));
    },
  };
}

function s3Tokens(bucket: Bucket, folder: string): TokenStore {
  const keyOf = (name: string) => `${folder}${tokenFile(name)}`;
  return {
    put: async (name, text) => bucket.put(keyOf(name), Buffer.from(text)),
    async *list() {
      for await (const { key } of bucket.list(folder)) {
        const name = tokenNameOf(key.slice(folder.length));
        const text = name === undefined ? undefined : await textOf(bucket, key);
        if (name !== undefined && text !== undefined) yield { name, text };
      }
    },
    async remove(name) {
      const key = keyOf(name);
      if ((await bucket.head(key)) === undefined) return false;
      await bucket.remove(key);
      return true;
    },
  };
}

/** Removes an object, and all objects below a folder of this name. */
async function removeAll(bucket: Bucket, key: string): Promise<void> {
  let under: Promise<void>[] = [bucket.remove(key)];
  for await (const found of bucket.list(`${key}/`)) {
    under.push(bucket.remove(found.key));
    if (under.length < maxConcurrentRemovals) continue;
    await Promise.all(under);
    under = [];
  }
  await Promise.all(under);
}

async function* existing(
  content: AsyncIterable<Uint8Array> | undefined,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (content === undefined) throw new RunStoreError(`There is no file ${where}.`, { lasting: true });
  yield* content;
}

async function textOf(bucket: Bucket, key: string): Promise<string | undefined> {
  const content = await bucket.get(key);
  if (content === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString().trim();
}
