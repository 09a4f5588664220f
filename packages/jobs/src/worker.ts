/** What workers use of this package, and clients do not. */
export { type OwnedInstance, ownedInstance } from './client/owned-instance.ts';
export { contractRefusal } from './contract-version.ts';
export { describeIssue } from './job/job-issues.ts';
export { jobSchema } from './job/job-schema.ts';
export { webhookSchema } from './job/notify-schema.ts';
export { outputPath } from './job/output-path.ts';
export { fileTarget, isSafeName } from './job/remote-file.ts';
export { ownVariablePrefixes } from './own-variables.ts';
export { gpuSampleLine } from './runs/gpu-samples.ts';
export { defaultIdleBelow, type Idleness, idleSeconds, noIdleness, withSample } from './runs/idleness.ts';
export { outputMarkLine, outputMarkMs, timesOf } from './runs/output-times.ts';
export { pruneRuns } from './runs/prune-runs.ts';
export { storedPath } from './runs/stored-path.ts';
export { type BucketObject, type JobBucket, JobBucketError } from './s3/job-bucket-types.ts';
export { openJobBucket } from './s3/open-job-bucket.ts';
export { masterKeys } from './ssh/master-keys.ts';
