import type { S3RunStoreOptions } from '../s3/s3-run-store.ts';
import { localRunStore } from './local-run-store.ts';
import { type RunStore, RunStoreError } from './run-store.ts';

/**
 * Opens the run store at a local folder or at `s3://bucket/prefix`. S3 needs the packages `@aws-sdk/client-s3` and
 * `@aws-sdk/lib-storage`, and uses the credentials of `env` or of the AWS SDK's default chain.
 * @param env For S3: `AWS_ENDPOINT_URL_S3` (or `AWS_ENDPOINT_URL`) is the URL of another server than AWS, and `AWS_REGION` the region.
 * Default: `process.env`.
 * @throws {RunStoreError} The location is invalid, or the package is missing.
 */
export async function openRunStore(
  location: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunStore> {
  if (!/^[a-z0-9]+:\/\//i.test(location)) return localRunStore(location);
  const [, bucket, prefix = ''] = /^s3:\/\/([^/?#]+)(?:\/([^?#]*))?$/.exec(location) ?? [];
  if (bucket === undefined) {
    throw new RunStoreError(`Runs cannot be kept at ${location}. Use a folder or s3://bucket/prefix.`, {
      lasting: true,
    });
  }
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const options: S3RunStoreOptions = {
    bucket,
    prefix,
    ...(endpoint ? { endpoint } : {}),
    ...(env.AWS_REGION ? { region: env.AWS_REGION } : {}),
    ...credentialsIn(env),
  };
  const { s3RunStore } = await import('../s3/s3-run-store.ts').catch((error: unknown) => {
    if (!isMissingPackage(error)) throw error;
    throw new RunStoreError(
      'Keeping runs in S3 needs two packages. Install them with "npm install @aws-sdk/client-s3 @aws-sdk/lib-storage".',
      {
        lasting: true,
        cause: error,
      },
    );
  });
  return s3RunStore(options);
}

/** Returns the credentials of `env`, which may be another environment than the one that the SDK reads. */
function credentialsIn(env: Readonly<Record<string, string | undefined>>): Pick<S3RunStoreOptions, 'credentials'> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return {};
  const token = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {};
  return { credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...token } };
}

function isMissingPackage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes('@aws-sdk')
  );
}
