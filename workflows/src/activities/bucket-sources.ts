import { RunStoreError } from '@gpu-clouds/jobs';
import { bucketPlace, type FailureKind, type Job } from '@gpu-clouds/jobs/contract';
import { type BucketObject, isSafeName, type JobBucket, JobBucketError } from '@gpu-clouds/jobs/worker';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';

/** Limits of what one job can download from S3. */
const maxObjects = 10_000;
const maxTib = 2;

/** An object that is to be a file of the instance. */
export interface ObjectFile extends BucketObject {
  readonly bucket: string;
  /** On the instance. */
  readonly path: string;
}

/** An entry of `files.up` that the instance downloads. */
export interface UrlSource {
  readonly from: string;
  readonly sha256?: string | undefined;
  readonly to: string;
}

/**
 * Returns the objects of all `s3://` sources.
 * @throws ApplicationFailure `input-refused`, `invalid`
 */
export async function objectsOf(
  { buckets }: Pick<Dependencies, 'buckets'>,
  sources: readonly UrlSource[],
): Promise<readonly ObjectFile[]> {
  const all: ObjectFile[] = [];
  for (const { from, to } of sources) {
    const place = bucketPlace(from);
    if (place === undefined) continue;
    const refusal = buckets.refusal(from);
    if (refusal !== undefined) throw finalFailure('invalid', refusal);
    const before = all.length;
    await reachable('input-refused', async () => {
      const bucket = await buckets.open(place.bucket);
      for await (const found of objectsAt(bucket, place.key, to)) {
        if (all.push({ ...found, bucket: place.bucket }) > maxObjects) throw tooMuch(`${maxObjects} objects`);
      }
    });
    if (all.length === before) throw finalFailure('input-refused', `There is no object at ${from}.`);
  }
  if (all.reduce((sum, { size }) => sum + size, 0) > maxTib * 1024 ** 4) throw tooMuch(`${maxTib} TiB`);
  refuseBadNames(all);
  return all;
}

/** An object, or all objects below a prefix. */
async function* objectsAt(bucket: JobBucket, key: string, to: string): AsyncGenerator<Omit<ObjectFile, 'bucket'>> {
  const isFolder = key === '' || key.endsWith('/');
  if (!isFolder) {
    for await (const object of bucket.list(key, 1)) {
      // The key itself sorts before all that begin with it.
      if (object.key === key) return yield { ...object, path: to.endsWith('/') ? `${to}${key.split('/').at(-1)}` : to };
    }
  }
  const prefix = isFolder ? key : `${key}/`;
  for await (const object of bucket.list(prefix, maxObjects + 1)) {
    // Consoles create empty objects for folders.
    if (!object.key.endsWith('/'))
      yield { ...object, path: `${to.replace(/\/$/, '')}/${object.key.slice(prefix.length)}` };
  }
}

/** Whoever writes to the bucket must not decide where else files are written. */
function refuseBadNames(objects: readonly ObjectFile[]): void {
  const paths = new Set(objects.map(({ path }) => path));
  for (const { bucket, key, path } of objects) {
    const label = `s3://${bucket}/${JSON.stringify(key).slice(1, -1)}`;
    if (!isSafeName(key))
      throw finalFailure('input-refused', `The name of ${label} cannot be the name of a file. Rename the object.`);
    const parts = path.split('/');
    const inFile = parts.some((_, count) => count > 0 && paths.has(parts.slice(0, count).join('/')));
    if (inFile)
      throw finalFailure(
        'input-refused',
        `${label} is below another object, which cannot be both a file and a folder.`,
      );
  }
}

/**
 * Refuses a job, before anything is rented, that uses buckets that it may not use or that cannot be read.
 * @throws ApplicationFailure `input-refused`, `output-refused`, `invalid`
 */
export async function refuseUnusableBuckets(dependencies: Dependencies, job: Job): Promise<void> {
  if (job.mode !== 'instance') return;
  const { buckets } = dependencies;
  const { up, down } = job.files;
  const sources = up.flatMap(({ from = '', to }) => (bucketPlace(from) === undefined ? [] : [{ from, to }]));
  const targets = down.filter(({ to }) => bucketPlace(to) !== undefined).map(({ to }) => to);
  const refusals = [...sources.map(({ from }) => from), ...targets].flatMap((url) => buckets.refusal(url) ?? []);
  if (refusals.length > 0) throw finalFailure('invalid', `The job's files: ${refusals.join(' ')}`);
  for (const { bucket } of targets.flatMap((to) => bucketPlace(to) ?? [])) {
    await reachable('output-refused', () => buckets.open(bucket));
  }
  const objects = await objectsOf(dependencies, sources);
  const firsts = new Map(objects.map((object) => [object.bucket, object.key]));
  for (const [bucket, key] of firsts) {
    await reachable('input-refused', async () => (await buckets.open(bucket)).check(key));
  }
}

/** Errors that another try may mend stay as they are. */
export async function reachable<T>(kind: FailureKind, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof JobBucketError) throw finalFailure(kind, error.message);
    if (error instanceof RunStoreError && error.lasting) throw finalFailure('invalid', error.message);
    throw error;
  }
}

function tooMuch(limit: string) {
  return finalFailure('input-refused', `The job downloads more than ${limit} from S3. Split it, or pack the objects.`);
}
