import { s3OptionsIn, withAwsSdk } from '../s3/aws-environment.ts';
import type { S3RunStoreOptions } from '../s3/s3-run-store.ts';
import { localRunStore } from './local-run-store.ts';
import { type RunStore, RunStoreError } from './run-store.ts';

/**
 * Opens the run store at a local folder or at `s3://bucket/prefix`. S3 needs the packages `@aws-sdk/client-s3` and
 * `@aws-sdk/lib-storage`, and uses the credentials of `env` or of the AWS SDK's default chain.
 * @param env For S3: `AWS_ENDPOINT_URL_S3` (or `AWS_ENDPOINT_URL`) is the URL of another server than AWS, and `AWS_REGION` the region.
 * Default: `process.env`.
 * @throws {RunStoreError} The location is invalid, or the package is missing.
 */
export async function openRunStore(
  location: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunStore> {
  if (!/^[a-z0-9]+:\/\//i.test(location)) return localRunStore(location);
  const [, bucket, prefix = ''] = /^s3:\/\/([^/?#]+)(?:\/([^?#]*))?$/.exec(location) ?? [];
  if (bucket === undefined) {
    throw new RunStoreError(`Runs cannot be kept at ${location}. Use a folder or s3://bucket/prefix.`, {
      lasting: true,
    });
  }
  const options: S3RunStoreOptions = { bucket, prefix, ...s3OptionsIn(env) };
  const { s3RunStore } = await withAwsSdk(
    'Keeping runs in S3',
    ['client-s3', 'lib-storage'],
    () => import('../s3/s3-run-store.ts'),
  );
  return s3RunStore(options);
}
