import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { RunStoreError } from '../runs/run-store.ts';
import { Bucket, type BucketOptions, s3Client } from './bucket.ts';
import { type BucketObject, type JobBucket, JobBucketError } from './job-bucket-types.ts';

/** Seconds. A transfer that has begun may take longer, and each attempt gets a new link. */
const link = { expiresIn: 3600 };

/** Errors of S3 that another try does not mend. */
const lasting: ReadonlySet<string> = new Set([
  ...['NoSuchBucket', 'NoSuchKey', 'AccessDenied', 'Forbidden', 'PermanentRedirect', 'AuthorizationHeaderMalformed'],
  ...['CredentialsProviderError', 'InvalidAccessKeyId', 'XAdminUserNotFound', 'SignatureDoesNotMatch'],
]);

const jobUse = {
  setting: 'the files of the job',
  permissions: 's3:GetObject, s3:PutObject, s3:ListMultipartUploadParts, and s3:AbortMultipartUpload',
};

/** Opens a bucket that jobs use. Its links give access to one object each, for an hour at most. */
export function s3JobBucket(options: BucketOptions): JobBucket {
  const client = s3Client(options);
  const bucket = new Bucket(options, `s3://${options.bucket}`, jobUse, client);
  const place = (Key: string) => ({ Bucket: options.bucket, Key });
  return {
    async *list(prefix, limit) {
      const objects = bucket.list(prefix, { limit })[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await readable(() => objects.next());
        if (done || value === undefined) return;
        yield { key: value.key, size: value.size, etag: value.etag?.replaceAll('"', '') } satisfies BucketObject;
      }
    },
    check: (key) => readable(async () => (await bucket.head(key)) !== undefined),
    linkToGet: (key) => getSignedUrl(client, new GetObjectCommand(place(key)), link),
    linkToPut: (key) => getSignedUrl(client, new PutObjectCommand(place(key)), link),
    beginUpload: (key) => readable(() => bucket.beginUpload(key)),
    linkToPutPart: (key, UploadId, PartNumber) =>
      getSignedUrl(client, new UploadPartCommand({ ...place(key), UploadId, PartNumber }), link),
    async completeUpload(key, uploadId, size) {
      // The answer to an earlier call may have been lost.
      await readable(() => bucket.completeUpload(key, uploadId));
      const stored = await readable(() => bucket.head(key));
      if (stored?.size === size) return;
      throw new JobBucketError(`s3://${options.bucket}/${key} has ${stored?.size ?? 0} of ${size} bytes.`);
    },
    abortUpload: (key, uploadId) => readable(() => bucket.abortUpload(key, uploadId)),
  };
}

async function readable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RunStoreError)) throw error;
    const { cause } = error;
    const name = cause instanceof Error ? cause.name : '';
    if (lasting.has(name) || cause === undefined) throw new JobBucketError(error.message, { cause: error });
    throw error;
  }
}
