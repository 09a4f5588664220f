import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { RunStoreError } from '../runs/run-store.ts';
import { type S3Location, s3Failure } from './s3-failure.ts';

/** An S3 bucket and how to connect to it. */
export interface BucketOptions {
  /** Name of the bucket, without `s3://`. The bucket must exist. */
  readonly bucket: string;
  /** URL of an S3-compatible server. Default: AWS S3. */
  readonly endpoint?: string;
  /** Region of the bucket. Default: `us-east-1` if `endpoint` is set, otherwise the region that the AWS SDK finds. */
  readonly region?: string;
  /** Whether URLs are `https://server/bucket/key` and not `https://bucket.server/key`. Default: true if `endpoint` is set. */
  readonly pathStyle?: boolean;
  /** Credentials. Default: the AWS SDK's chain of environment, profile, and machine role. */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>;
}

export interface ListOptions {
  /** Only keys that sort after this one. */
  readonly after?: string;
  /** Maximum number of keys. Up to 1000 takes one call. */
  readonly limit?: number;
}

/** The S3 calls that a run store needs, with readable errors. The SDK makes up to five attempts per call. */
export class Bucket {
  readonly #client: S3Client;
  readonly #location: S3Location;

  constructor({ bucket, endpoint, region, credentials, pathStyle }: BucketOptions, url: string) {
    this.#location = { bucket, url, server: endpoint === undefined ? 'S3' : `S3 at ${endpoint}` };
    const known = region ?? (endpoint === undefined ? undefined : 'us-east-1');
    this.#client = new S3Client({
      forcePathStyle: pathStyle ?? endpoint !== undefined,
      maxAttempts: 5,
      // Many S3-compatible servers refuse the newer checksums (aws-sdk-js-v3 issue 6810). Bodies are in memory, so that their SHA-256 is signed.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 5_000, socketTimeout: 120_000 },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(known === undefined ? {} : { region: known }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#call((client, bucket) =>
      client.send(new PutObjectCommand({ ...bucket, Key: checked(key), Body: bytes })),
    );
  }

  /**
   * Returns the content of an object, or undefined if there is no such object.
   * @param from Offset in bytes. It must be before the end of the object.
   */
  async get(key: string, from = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    const range = from === 0 ? {} : { Range: `bytes=${from}-` };
    const found = await this.#call((client, bucket) =>
      client.send(new GetObjectCommand({ ...bucket, Key: checked(key), ...range })).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        throw error;
      }),
    );
    return found === undefined ? undefined : this.#contentOf(found.Body);
  }

  /** Yields objects in the byte order of their keys. */
  async *list(prefix: string, { after, limit = Number.POSITIVE_INFINITY }: ListOptions = {}) {
    let left = limit;
    let next: Pick<ListObjectsV2CommandInput, 'StartAfter' | 'ContinuationToken'> | undefined = { StartAfter: after };
    while (next !== undefined && left > 0) {
      const page = await this.#page({ Prefix: prefix, MaxKeys: Math.min(left, 1000), ...next });
      for (const { Key, Size } of page.Contents ?? []) {
        if (Key !== undefined && left-- > 0) yield { key: Key, size: Size ?? 0 };
      }
      next = page.NextContinuationToken === undefined ? undefined : { ContinuationToken: page.NextContinuationToken };
    }
  }

  #page(input: Omit<ListObjectsV2CommandInput, 'Bucket'>): Promise<ListObjectsV2CommandOutput> {
    return this.#call((client, bucket) => client.send(new ListObjectsV2Command({ ...bucket, ...input })));
  }

  /** Removes an object. Does nothing if there is no such object. */
  async remove(key: string): Promise<void> {
    await this.#call((client, bucket) => client.send(new DeleteObjectCommand({ ...bucket, Key: key })));
  }

  /** Begins a multipart upload and returns its id. */
  async beginParts(key: string): Promise<string> {
    const { UploadId } = await this.#call((client, bucket) =>
      client.send(new CreateMultipartUploadCommand({ ...bucket, Key: checked(key) })),
    );
    if (UploadId === undefined)
      throw new RunStoreError(`${this.#location.server} returned no id for a multipart upload.`);
    return UploadId;
  }

  /**
   * Uploads one part and returns its tag, which {@link completeParts} needs.
   * @param number Part number, from 1.
   */
  async putPart(key: string, upload: string, number: number, bytes: Uint8Array): Promise<string> {
    const part = { Key: key, UploadId: upload, PartNumber: number, Body: bytes };
    const { ETag } = await this.#call((client, bucket) => client.send(new UploadPartCommand({ ...bucket, ...part })));
    if (ETag === undefined)
      throw new RunStoreError(`${this.#location.server} returned no tag for part ${number} of ${key}.`);
    return ETag;
  }

  async completeParts(key: string, upload: string, tags: readonly string[]): Promise<void> {
    const parts = { Parts: tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) };
    const input = { Key: key, UploadId: upload, MultipartUpload: parts };
    await this.#call((client, bucket) => client.send(new CompleteMultipartUploadCommand({ ...bucket, ...input })));
  }

  async abortParts(key: string, upload: string): Promise<void> {
    const input = { Key: key, UploadId: upload };
    await this.#call((client, bucket) => client.send(new AbortMultipartUploadCommand({ ...bucket, ...input })));
  }

  /** Returns the ids of multipart uploads of a key that were neither completed nor aborted. */
  async begunParts(key: string): Promise<readonly string[]> {
    const page = await this.#call((client, bucket) =>
      client.send(new ListMultipartUploadsCommand({ ...bucket, Prefix: key })),
    );
    return (page.Uploads ?? []).flatMap(({ Key, UploadId }) =>
      Key === key && UploadId !== undefined ? [UploadId] : [],
    );
  }

  async #call<T>(work: (client: S3Client, bucket: { readonly Bucket: string }) => Promise<T>): Promise<T> {
    try {
      return await work(this.#client, { Bucket: this.#location.bucket });
    } catch (error) {
      throw s3Failure(this.#location, error);
    }
  }

  async *#contentOf(body: unknown): AsyncGenerator<Uint8Array, void, undefined> {
    if (!(body instanceof Readable))
      throw new RunStoreError(`${this.#location.server} returned an object without content.`);
    try {
      for await (const piece of body) yield piece;
    } catch (error) {
      throw s3Failure(this.#location, error);
    }
  }
}

/** Checks the key against S3's limit of 1024 bytes. */
function checked(key: string): string {
  if (Buffer.byteLength(key) <= 1024) return key;
  throw new RunStoreError(
    `The name ${key.slice(0, 100)}… is longer than S3's limit of 1024 bytes. Use a shorter path.`,
    {
      lasting: true,
    },
  );
}
