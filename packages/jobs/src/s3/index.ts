export type { BucketOptions } from './bucket.ts';
export { type S3RunsOptions, s3Runs } from './s3-runs.ts';
