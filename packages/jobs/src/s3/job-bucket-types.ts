/** An object of a bucket. */
export interface BucketObject {
  /** Name in the bucket. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Another one once the object has another content. */
  readonly etag?: string | undefined;
}

/** A bucket that jobs read from or write to, by links that need no credentials. */
export interface JobBucket {
  /** Yields objects in the order of their keys. Throws {@link JobBucketError}, or `RunStoreError` if another try may work. */
  list(prefix: string, limit: number): AsyncIterable<BucketObject>;
  /** Returns whether there is such an object. Throws as {@link list} if it cannot be read. */
  check(key: string): Promise<boolean>;
  /** Returns a link to download an object. It is a secret. */
  linkToGet(key: string): Promise<string>;
  /** Returns a link to create or replace an object. It is a secret. */
  linkToPut(key: string): Promise<string>;
  /** Begins to store an object in parts, and returns the id of the upload. */
  beginUpload(key: string): Promise<string>;
  /** Returns a link to store a part, from 1. It is a secret. */
  linkToPutPart(key: string, uploadId: string, part: number): Promise<string>;
  /** Makes an object of all parts. May be repeated. Throws {@link JobBucketError} if parts are missing. */
  completeUpload(key: string, uploadId: string, size: number): Promise<void>;
  /** Removes the parts of an upload that is not to be completed. */
  abortUpload(key: string, uploadId: string): Promise<void>;
}

/** A bucket cannot be used, and trying again does not help. The message says what does. */
export class JobBucketError extends Error {
  override readonly name = 'JobBucketError';
}
