import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  ListPartsCommand,
  type ListPartsCommandInput,
  type ListPartsCommandOutput,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { RunStoreError } from '../runs/run-store.ts';
import { type BucketUse, runStoreUse, type S3Location, s3Failure } from './s3-failure.ts';

/** S3's answers to a conditional put of a key that exists, or that another one is writing. */
const conditionCodes: ReadonlySet<string> = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);
/** Size of all parts but the last. Two are sent at the same time. */
const partBytes = 16 * 1024 * 1024;
/** S3's maximum number of parts. With parts of 16 MiB, a file can have up to 156 GiB. */
const maxParts = 10_000;

/** An S3 bucket and how to connect to it. */
export interface BucketOptions {
  /** Name of the bucket, without `s3://`. The bucket must exist. */
  readonly bucket: string;
  /** URL of an S3-compatible server. Default: AWS S3. */
  readonly endpoint?: string | undefined;
  /** Region of the bucket. Default: `us-east-1` if `endpoint` is set, otherwise the region that the AWS SDK finds. */
  readonly region?: string | undefined;
  /** Whether URLs are `https://server/bucket/key` and not `https://bucket.server/key`. Default: true if `endpoint` is set. */
  readonly pathStyle?: boolean | undefined;
  /** Credentials. Default: the AWS SDK's chain of environment, profile, and machine role. */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']> | undefined;
}

export function s3Client({ endpoint, region, credentials, pathStyle }: BucketOptions): S3Client {
  const known = region ?? (endpoint === undefined ? undefined : 'us-east-1');
  return new S3Client({
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

export interface ListOptions {
  /** Only keys that sort after this one. */
  readonly after?: string | undefined;
  /** Maximum number of keys. Up to 1000 takes one call. */
  readonly limit?: number | undefined;
}

/** The S3 calls that a run store needs, with readable errors. The SDK makes up to five attempts per call. */
export class Bucket {
  readonly #client: S3Client;
  readonly #location: S3Location;

  constructor(options: BucketOptions, url: string, use: BucketUse = runStoreUse, client = s3Client(options)) {
    const { bucket, endpoint } = options;
    this.#location = { bucket, url, ...use, server: endpoint === undefined ? 'S3' : `S3 at ${endpoint}` };
    this.#client = client;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#call((client, bucket) =>
      client.send(new PutObjectCommand({ ...bucket, Key: checked(key), Body: bytes })),
    );
  }

  /** Stores an object unless there is one with this key. */
  async putIfMissing(key: string, bytes: Uint8Array): Promise<void> {
    await this.#call((client, bucket) =>
      client
        .send(new PutObjectCommand({ ...bucket, Key: checked(key), Body: bytes, IfNoneMatch: '*' }))
        .catch((error: unknown) => {
          const taken = error instanceof Error && conditionCodes.has(error.name);
          if (!taken) throw error;
        }),
    );
  }

  /**
   * Returns the content of an object, or undefined if there is no such object.
   * @param from Offset in bytes. It must be before the end of the object.
   */
  async get(key: string, from = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    const range = from === 0 ? {} : { Range: `bytes=${from}-` };
    const found = await this.#call((client, bucket) =>
      client.send(new GetObjectCommand({ ...bucket, Key: checked(key), ...range })).catch(undefinedIfMissing),
    );
    return found === undefined ? undefined : this.#contentOf(found.Body);
  }

  /** Returns the size and metadata of an object, or undefined if there is no such object. */
  async head(key: string) {
    const found = await this.#call((client, bucket) =>
      client.send(new HeadObjectCommand({ ...bucket, Key: checked(key) })).catch(undefinedIfMissing),
    );
    return found === undefined ? undefined : { size: found.ContentLength ?? 0, metadata: found.Metadata ?? {} };
  }

  /** Yields objects in the byte order of their keys. */
  async *list(prefix: string, { after, limit = Number.POSITIVE_INFINITY }: ListOptions = {}) {
    let left = limit;
    let next: Pick<ListObjectsV2CommandInput, 'StartAfter' | 'ContinuationToken'> | undefined = { StartAfter: after };
    while (next !== undefined && left > 0) {
      const page = await this.#page({ Prefix: prefix, MaxKeys: Math.min(left, 1000), ...next });
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        if (Key !== undefined && left-- > 0)
          yield { key: Key, size: Size ?? 0, etag: ETag, changedAt: LastModified?.getTime() ?? 0 };
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

  /** Stores content that need not fit into memory, in parts of 16 MiB. The object appears once it is complete. */
  async upload(key: string, content: AsyncIterable<Uint8Array>, metadata?: Record<string, string>): Promise<void> {
    await this.#abortDeadUploads(checked(key));
    let broken: { readonly error: unknown } | undefined;
    async function* limited(): AsyncGenerator<Uint8Array, void, undefined> {
      let size = 0;
      try {
        for await (const bytes of content) {
          size += bytes.byteLength;
          if (size > maxParts * partBytes) throw tooLarge(key);
          yield bytes;
        }
      } catch (error) {
        broken = { error };
        throw error;
      }
    }
    const body = Readable.from(limited(), { objectMode: false });
    const params = { Bucket: this.#location.bucket, Key: key, Body: body, Metadata: metadata };
    const upload = new Upload({ client: this.#client, params, partSize: partBytes, queueSize: 2 });
    await this.#call(() => upload.done()).catch((error: unknown) => {
      throw broken === undefined ? error : broken.error;
    });
  }

  /** Begins a multipart upload by links, and returns its id. */
  async beginUpload(key: string): Promise<string> {
    const { UploadId } = await this.#call((client, bucket) =>
      client.send(new CreateMultipartUploadCommand({ ...bucket, Key: checked(key) })),
    );
    if (UploadId === undefined) throw new RunStoreError(`${this.#location.server} began an upload without an id.`);
    return UploadId;
  }

  /** Completes a multipart upload with the parts that are there. Does nothing if there is no such upload. */
  async completeUpload(key: string, uploadId: string): Promise<void> {
    await this.#call(async (client, bucket) => {
      const upload = { ...bucket, Key: key, UploadId: uploadId };
      try {
        const Parts = await partsOf(client, upload);
        await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
      }
    });
  }

  /** Removes the parts of a multipart upload. */
  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.#call((client, bucket) =>
      client.send(new AbortMultipartUploadCommand({ ...bucket, Key: key, UploadId: uploadId })),
    );
  }

  /** Aborts uploads of a dead worker, whose invisible parts cost money. Without permission to list them, they are left to a lifecycle rule. */
  async #abortDeadUploads(key: string): Promise<void> {
    const ignore = () => undefined;
    const page = await this.#call((client, bucket) =>
      client.send(new ListMultipartUploadsCommand({ ...bucket, Prefix: key })),
    ).catch(ignore);
    const dead = (page?.Uploads ?? []).filter((upload) => upload.Key === key);
    const aborted = dead.map(({ UploadId }) =>
      this.#call((client, bucket) =>
        client.send(new AbortMultipartUploadCommand({ ...bucket, Key: key, UploadId })),
      ).catch(ignore),
    );
    await Promise.all(aborted);
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

/** The SDK's paginator does not end where a server names a next page although there is none. */
async function partsOf(client: S3Client, upload: ListPartsCommandInput): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  let page: ListPartsCommandOutput | undefined;
  do {
    page = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker: page?.NextPartNumberMarker }));
    parts.push(...(page.Parts ?? []).map(({ PartNumber, ETag }) => ({ PartNumber, ETag })));
  } while (page.IsTruncated === true);
  return parts;
}

/** A HEAD request has no body, so its error has another name. */
function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && ['NoSuchKey', 'NotFound'].includes(error.name)) return undefined;
  throw error;
}

function tooLarge(key: string): RunStoreError {
  const gib = Math.floor((maxParts * partBytes) / 1024 ** 3);
  return new RunStoreError(`${key} is larger than ${gib} GiB, the maximum size of a file in S3. Split it.`, {
    lasting: true,
  });
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
