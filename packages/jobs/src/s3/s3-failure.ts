import { RunStoreError } from '../runs/run-store.ts';

/** What a bucket is used for, for messages. */
export interface BucketUse {
  /** What names the bucket, such as `GPU_CLOUDS_RUNS`. */
  readonly setting: string;
  /** Permissions that are needed on its objects. */
  readonly permissions: string;
}

export const runStoreUse: BucketUse = {
  setting: 'GPU_CLOUDS_RUNS',
  permissions: 's3:GetObject, s3:PutObject, s3:DeleteObject, and s3:AbortMultipartUpload',
};

export interface S3Location extends BucketUse {
  readonly bucket: string;
  /** `s3://bucket/prefix`. */
  readonly url: string;
  /** Name of the server in messages. */
  readonly server: string;
}

const denied = ({ url, permissions }: S3Location) =>
  `S3 denies access to ${url}. Grant the credentials s3:ListBucket on the bucket, and ${permissions} on its objects.`;
const wrongRegion = ({ bucket }: S3Location) =>
  `The S3 bucket "${bucket}" is in another region. Set AWS_REGION to the bucket's region.`;
const badCredentials = ({ server }: S3Location, code: string) =>
  `${server} does not accept the credentials (${code}). Check or renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN.`;
const unreachable = ({ server }: S3Location, code: string) =>
  `${server} does not answer (${code}). Check the network and AWS_ENDPOINT_URL_S3.`;

/** Messages by the name or code of the SDK's error. */
const messages: Readonly<Record<string, (location: S3Location, code: string) => string>> = {
  NoSuchBucket: ({ bucket, server, setting }) =>
    `There is no S3 bucket "${bucket}" at ${server}. Create it, or change ${setting}.`,
  AccessDenied: denied,
  Forbidden: denied,
  CredentialsProviderError: () =>
    'There are no credentials for S3. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine an AWS role.',
  InvalidAccessKeyId: badCredentials,
  // VersityGW's name for it.
  XAdminUserNotFound: badCredentials,
  SignatureDoesNotMatch: badCredentials,
  ExpiredToken: badCredentials,
  InvalidToken: badCredentials,
  PermanentRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  EHOSTUNREACH: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  EPIPE: unreachable,
  TimeoutError: unreachable,
};

/** Returns a readable error in place of the SDK's error. */
export function s3Failure(location: S3Location, error: unknown): RunStoreError {
  if (error instanceof RunStoreError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const codes = [name, error instanceof Error && 'code' in error ? String(error.code) : ''];
  const code = codes.find((known) => known in messages);
  if (code !== undefined) return new RunStoreError(messages[code]?.(location, code) ?? message, { cause: error });
  if (message === 'Region is missing')
    return new RunStoreError(`The region of the S3 bucket "${location.bucket}" is unknown. Set AWS_REGION to it.`);
  return new RunStoreError(`${location.server} failed: ${name}: ${message}`, { cause: error });
}
