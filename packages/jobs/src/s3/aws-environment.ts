import { RunStoreError } from '../runs/run-store.ts';
import type { BucketOptions } from './bucket.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns where S3 is and the credentials, from `env`, which may be another environment than the one that the SDK reads. */
export function s3OptionsIn(env: Environment): Omit<BucketOptions, 'bucket'> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = env;
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const token = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {};
  const hasKeys = AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY;
  return {
    endpoint: endpoint || undefined,
    region: AWS_REGION || undefined,
    credentials: hasKeys
      ? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...token }
      : undefined,
  };
}

/**
 * Loads a module that needs packages of the AWS SDK, which are optional.
 * @throws {RunStoreError} A package is missing.
 */
export async function withAwsSdk<T>(what: string, packages: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissingPackage(error)) throw error;
    const names = packages.map((name) => `@aws-sdk/${name}`).join(' ');
    throw new RunStoreError(`${what} needs packages. Install them with "npm install ${names}".`, {
      lasting: true,
      cause: error,
    });
  }
}

function isMissingPackage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes('@aws-sdk')
  );
}
