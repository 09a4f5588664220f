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
import { type S3Place, s3Failure } from './s3-failure.ts';

/** A bucket, and how to get to it. */
export interface BucketOptions {
  /** Its name, without `s3://`. It has to be there already. */
  readonly bucket: string;
  /** URL of an S3-compatible server. Default: AWS. */
  readonly endpoint?: string;
  /** Default: with an endpoint `us-east-1`, else what the SDK finds. */
  readonly region?: string;
  /** `https://server/bucket/key`, rather than `https://bucket.server/key`. Default: with an endpoint. */
  readonly pathStyle?: boolean;
  /** Default: the SDK's chain (environment, profile, role of the instance). */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>;
}

export interface ListOptions {
  /** Only keys that sort after this one. */
  readonly after?: string;
  /** The most that are wanted: below 1000, one call. */
  readonly limit?: number;
}

/** The few calls to S3 that are needed, with sentences for errors. The SDK retries what is worth it, five times in all. */
export class Bucket {
  readonly #client: S3Client;
  readonly #place: S3Place;

  constructor({ bucket, endpoint, region, credentials, pathStyle }: BucketOptions, url: string) {
    this.#place = { bucket, url, server: endpoint === undefined ? 'S3' : `S3 at ${endpoint}` };
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

  /** @returns undefined when there is no such object. @param from In bytes; before the object's end. */
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

  /** In the order of the keys' bytes. */
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

  /** What is not there, is removed. */
  async remove(key: string): Promise<void> {
    await this.#call((client, bucket) => client.send(new DeleteObjectCommand({ ...bucket, Key: key })));
  }

  /** @returns Its id. */
  async beginParts(key: string): Promise<string> {
    const { UploadId } = await this.#call((client, bucket) =>
      client.send(new CreateMultipartUploadCommand({ ...bucket, Key: checked(key) })),
    );
    if (UploadId === undefined) throw new RunStoreError(`${this.#place.server} gave no id for an upload in parts.`);
    return UploadId;
  }

  /** @param number From 1. @returns What {@link completeParts} has to be told. */
  async putPart(key: string, upload: string, number: number, bytes: Uint8Array): Promise<string> {
    const part = { Key: key, UploadId: upload, PartNumber: number, Body: bytes };
    const { ETag } = await this.#call((client, bucket) => client.send(new UploadPartCommand({ ...bucket, ...part })));
    if (ETag === undefined) throw new RunStoreError(`${this.#place.server} gave no tag for part ${number} of ${key}.`);
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

  /** Ids of uploads in parts of a key that were neither completed nor aborted. */
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
      return await work(this.#client, { Bucket: this.#place.bucket });
    } catch (error) {
      throw s3Failure(this.#place, error);
    }
  }

  async *#contentOf(body: unknown): AsyncGenerator<Uint8Array, void, undefined> {
    if (!(body instanceof Readable)) throw new RunStoreError(`${this.#place.server} sent no content.`);
    try {
      for await (const piece of body) yield piece;
    } catch (error) {
      throw s3Failure(this.#place, error);
    }
  }
}

/** S3's own limit. */
function checked(key: string): string {
  if (Buffer.byteLength(key) <= 1024) return key;
  throw new RunStoreError(`S3 takes names of at most 1024 bytes, and ${key.slice(0, 100)}… is longer.`, {
    lasting: true,
  });
}
