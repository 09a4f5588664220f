import type { RunStore } from '@gpu-clouds/jobs';
import { bucketPlace } from '@gpu-clouds/jobs/contract';
import { type JobBucket, openJobBucket } from '@gpu-clouds/jobs/worker';

/** Which S3 buckets jobs may read from and write to. */
export interface JobBucketOptions {
  /** Buckets, or prefixes in them: `models` or `data/public`. Default: those that `GPU_CLOUDS_JOB_BUCKETS` lists, separated by commas. */
  readonly jobBuckets?: readonly string[] | undefined;
  /** The environment of the defaults, with the credentials and the region of S3. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The buckets that jobs may use. */
export interface JobBuckets {
  /** Returns why a job may not use `s3://bucket/prefix`, or undefined if it may. */
  refusal(url: string): string | undefined;
  /** Opens a bucket. The caller has checked that the job may use it. */
  open(bucket: string): Promise<JobBucket>;
}

/** Decides which buckets jobs may use: what is listed, and never the run store, which has the files of other runs. */
export function jobBuckets(options: JobBucketOptions, runs: RunStore): JobBuckets {
  const { env = process.env } = options;
  const listed = options.jobBuckets ?? (env.GPU_CLOUDS_JOB_BUCKETS ?? '').split(',');
  const allowed = listed
    .map((entry) =>
      entry
        .trim()
        .replace(/^s3:\/\//, '')
        .replace(/\/+$/, ''),
    )
    .filter((entry) => entry !== '');
  const opened = new Map<string, Promise<JobBucket>>();
  return {
    refusal(url) {
      const place = bucketPlace(url);
      if (place === undefined) return `${url} is not a bucket.`;
      const wanted = withoutSlash(`${place.bucket}/${place.key}`);
      if (!allowed.some((entry) => isWithin(wanted, entry))) {
        return `${url} is not open to jobs: add "${place.bucket}" or a prefix in it to GPU_CLOUDS_JOB_BUCKETS in the worker's environment.`;
      }
      const store = withoutSlash(
        runs
          .location('x')
          .replace(/^s3:\/\//, '')
          .replace(/\/?x$/, ''),
      );
      if (isWithin(wanted, store) || isWithin(store, wanted))
        return `${url} overlaps with the run store. Use another prefix.`;
      return undefined;
    },
    open(bucket) {
      const known = opened.get(bucket) ?? openJobBucket(bucket, env);
      opened.set(bucket, known);
      known.catch(() => opened.delete(bucket));
      return known;
    },
  };
}

/** Whether `bucket/prefix` is the other one or below it. */
function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
