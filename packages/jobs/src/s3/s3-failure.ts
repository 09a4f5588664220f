import { RunStoreError } from '../runs/run-store.ts';

export interface S3Place {
  readonly bucket: string;
  /** `s3://bucket/prefix`. */
  readonly url: string;
  /** What a person calls the server. */
  readonly server: string;
}

const denied = ({ url }: S3Place) =>
  `S3 denies access to ${url}: the credentials need s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on what is in it.`;
const elsewhere = ({ bucket }: S3Place) => `The S3 bucket "${bucket}" is in another region: set AWS_REGION to its own.`;
const badCredentials = ({ server }: S3Place, code: string) =>
  `${server} does not accept the credentials (${code}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or renew them.`;
const silent = ({ server }: S3Place, code: string) =>
  `${server} does not answer (${code}): check the network, and AWS_ENDPOINT_URL_S3.`;

/** By the name or code of the SDK's error. */
const sentences: Readonly<Record<string, (place: S3Place, code: string) => string>> = {
  NoSuchBucket: ({ bucket, server }) =>
    `There is no S3 bucket "${bucket}" at ${server}: create it, or change GPU_CLOUDS_RUNS.`,
  AccessDenied: denied,
  Forbidden: denied,
  CredentialsProviderError: () =>
    'No credentials for S3 were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role.',
  InvalidAccessKeyId: badCredentials,
  // What VersityGW calls it.
  XAdminUserNotFound: badCredentials,
  SignatureDoesNotMatch: badCredentials,
  ExpiredToken: badCredentials,
  InvalidToken: badCredentials,
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  ECONNREFUSED: silent,
  ECONNRESET: silent,
  EHOSTUNREACH: silent,
  ENOTFOUND: silent,
  EAI_AGAIN: silent,
  ETIMEDOUT: silent,
  EPIPE: silent,
  TimeoutError: silent,
};

/** One sentence in place of the SDK's error. */
export function s3Failure(place: S3Place, error: unknown): RunStoreError {
  if (error instanceof RunStoreError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const codes = [name, error instanceof Error && 'code' in error ? String(error.code) : ''];
  const code = codes.find((known) => known in sentences);
  if (code !== undefined) return new RunStoreError(sentences[code]?.(place, code) ?? message, { cause: error });
  if (message === 'Region is missing')
    return new RunStoreError(`Set AWS_REGION to the region of the S3 bucket "${place.bucket}".`);
  return new RunStoreError(`${place.server} failed: ${name}: ${message}`, { cause: error });
}
