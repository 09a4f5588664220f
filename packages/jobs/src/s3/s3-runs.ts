import { type OutputRef, type RunStore, RunStoreError } from '../runs/run-store.ts';
import { runFolder, storedPath } from '../runs/stored-path.ts';
import { Bucket, type BucketOptions } from './bucket.ts';
import { putContent } from './put-content.ts';
import { SegmentedOutput, segmentBytes } from './segmented-output.ts';

/** Options of {@link s3Runs}. All workers of a fleet need the same bucket and prefix. */
export interface S3RunsOptions extends BucketOptions {
  /** Prefix of all keys: `prefix/<run>/…`. Default: no prefix. */
  readonly prefix?: string | undefined;
}

/** Maximum number of delete calls at the same time. */
const maxConcurrentRemovals = 16;

/**
 * Creates a run store in an S3 bucket, on AWS or any S3-compatible server, for workers on several machines.
 *
 * Output is written every 2 seconds or at 1 MiB, with one put and one delete call each time, as one object per MiB and node.
 * Each file is one object (`<run>/outputs/…`). Files larger than 16 MiB are sent as multipart uploads, up to 156 GiB; a transfer holds
 * three parts in memory. The parts of a dead worker are removed when the file is stored again. Add a lifecycle rule for incomplete
 * uploads to remove all others.
 */
export function s3Runs(options: S3RunsOptions): RunStore {
  const prefix = (options.prefix ?? '')
    .split('/')
    .filter((name) => name !== '')
    .join('/');
  const url = ['s3:/', options.bucket, prefix].filter((name) => name !== '').join('/');
  const bucket = new Bucket(options, url);
  const output = new SegmentedOutput(bucket);
  const top = prefix === '' ? '' : `${prefix}/`;
  const keyOf = (run: string, path: string) => `${top}${runFolder(run)}/${storedPath(path)}`;
  const outputFolder = ({ run, node }: OutputRef) => `${top}${runFolder(run)}/output/${node}`;
  return {
    pace: { everyMs: 2000, bytes: segmentBytes },
    location: (run) => `${url}/${runFolder(run)}`,
    async check() {
      await bucket.put(`${top}.check`, new Uint8Array());
      for await (const _ of bucket.list(top, { limit: 1 })) return;
    },
    outputSize: async (ref) => output.size(outputFolder(ref)),
    writeOutput: async (ref, offset, bytes) => output.write(outputFolder(ref), offset, bytes),
    readOutput: (ref, from) => output.read(outputFolder(ref), from),
    putFile: async (run, path, content) => putContent(bucket, keyOf(run, path), content),
    async *readFile(run, path) {
      const content = await bucket.get(keyOf(run, path));
      if (content === undefined) throw new RunStoreError(`There is no file ${url}/${run}/${path}.`, { lasting: true });
      yield* content;
    },
    async *listFiles(run, folder) {
      const ofRun = `${top}${runFolder(run)}/`.length;
      for await (const { key, size } of bucket.list(`${keyOf(run, folder)}/`)) {
        // Consoles create empty objects for folders.
        if (!key.endsWith('/')) yield { path: key.slice(ofRun), size };
      }
    },
    async removeFiles(run, path) {
      const key = keyOf(run, path);
      let under: Promise<void>[] = [bucket.remove(key)];
      for await (const found of bucket.list(`${key}/`)) {
        under.push(bucket.remove(found.key));
        if (under.length < maxConcurrentRemovals) continue;
        await Promise.all(under);
        under = [];
      }
      await Promise.all(under);
    },
  };
}
