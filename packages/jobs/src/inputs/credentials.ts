import { createReadStream } from 'node:fs';
import { ownVariablePrefixes } from '../own-variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A value that must not be uploaded, and the variable that has it. */
export interface Credential {
  readonly name: string;
  readonly value: Buffer;
}

/** Shorter values occur in files by chance. */
const minLength = 8;
const secretName = /(SECRET|KEYS?|KEY_DATA|TOKEN|PASSWORD|HEADERS)$/;

/** Returns the credentials in an environment: the clouds' and our own, and the secrets that jobs may use. */
export function credentialsIn(env: Environment): readonly Credential[] {
  const jobSecrets = new Set((env.GPU_CLOUDS_JOB_SECRETS ?? '').split(',').map((name) => name.trim()));
  const isCredential = (name: string) =>
    jobSecrets.has(name) || (secretName.test(name) && ownVariablePrefixes.some((prefix) => name.startsWith(prefix)));
  return Object.entries(env)
    .filter(([name]) => isCredential(name))
    .flatMap(([name, value = '']) =>
      // A list of keys, `id:key,id:key`, counts key by key. A value like `user:word` may have no part that is long enough.
      [value.trim(), ...value.trim().split(/[,:\s]+/)]
        .filter((part) => part.length >= minLength)
        .map((part) => ({ name, value: Buffer.from(part) })),
    );
}

/** Returns the name of the first credential whose value a file contains. */
export async function credentialInFile(path: string, credentials: readonly Credential[]): Promise<string | undefined> {
  const overlap = Math.max(0, ...credentials.map(({ value }) => value.byteLength)) - 1;
  if (overlap < 0) return undefined;
  let before = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const bytes = Buffer.concat([before, piece]);
    const found = credentials.find(({ value }) => bytes.includes(value));
    if (found !== undefined) return found.name;
    before = bytes.subarray(Math.max(0, bytes.byteLength - overlap));
  }
  return undefined;
}
