export type { BucketOptions } from './bucket.ts';
export { type S3RunStoreOptions, s3RunStore } from './s3-run-store.ts';
