import { s3OptionsIn, withAwsSdk } from './aws-environment.ts';
import type { JobBucket } from './job-bucket-types.ts';

/**
 * Opens a bucket for jobs, with the credentials and the region of the environment.
 * @throws {RunStoreError} A package of the AWS SDK is missing.
 */
export async function openJobBucket(
  bucket: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<JobBucket> {
  const packages = ['client-s3', 'lib-storage', 's3-request-presigner'];
  const { s3JobBucket } = await withAwsSdk('Using S3 in jobs', packages, () => import('./job-bucket.ts'));
  return s3JobBucket({ bucket, ...s3OptionsIn(env) });
}
