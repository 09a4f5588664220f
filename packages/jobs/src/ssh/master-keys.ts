import { hkdfSync, scryptSync } from 'node:crypto';

/** The master secret is missing or too short, or lacks the one that an instance needs. The message never contains a secret. */
export class MasterSecretError extends Error {
  override readonly name = 'MasterSecretError';
}

/** One of the master secrets, as SSH keys are derived from it. */
export interface MasterKey {
  /** Identifies the secret without revealing it. */
  readonly id: string;
  readonly key: Uint8Array;
}

const minBytes = 32;
const minCharacters = 16;
/** About 0.2 s and 64 MiB once at start. A guess at a password offline costs as much. */
const cost = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };
const stretched = new Map<string, MasterKey>();

/**
 * Checks that all master secrets are long enough to derive keys from.
 * @throws {MasterSecretError} There is none, or one has neither 32 bytes in base64 nor 16 characters.
 */
export function checkMasterSecret(masterSecret: string): void {
  const secrets = secretsIn(masterSecret);
  if (secrets.every((secret) => secret.length >= minCharacters)) return;
  throw new MasterSecretError(
    'Set GPU_CLOUDS_MASTER_SECRET to 32 random bytes (openssl rand -base64 32), the same for all workers of the fleet. It is missing or too short.',
  );
}

/**
 * Returns the keys of the master secrets, newest first. Several secrets are separated by commas: the first is used for new instances, the
 * others for instances that were created with them. Secrets that are not 32 bytes in base64 are stretched once for each process.
 * @throws {MasterSecretError} A secret is missing or too short.
 */
export function masterKeys(masterSecret: string): readonly MasterKey[] {
  checkMasterSecret(masterSecret);
  return secretsIn(masterSecret).map((secret) => {
    const known = stretched.get(secret) ?? masterKey(secret);
    stretched.set(secret, known);
    return known;
  });
}

/**
 * Returns the key of one master secret.
 * @param id Default: the newest.
 * @throws {MasterSecretError} There is no such secret.
 */
export function masterKeyOf(masterSecret: string, id?: string): MasterKey {
  const keys = masterKeys(masterSecret);
  const found = id === undefined ? keys[0] : keys.find((key) => key.id === id);
  if (found !== undefined) return found;
  throw new MasterSecretError(
    `The instance was created with the master secret ${id}, which is missing here. Add that secret to GPU_CLOUDS_MASTER_SECRET, behind the newest and a comma.`,
  );
}

function secretsIn(masterSecret: string): readonly string[] {
  return masterSecret.split(',').map((secret) => secret.trim());
}

function masterKey(secret: string): MasterKey {
  const key = randomBytesIn(secret) ?? scryptSync(secret.normalize(), 'gpu-clouds master secret', minBytes, cost);
  const id = Buffer.from(hkdfSync('sha256', key, '', 'gpu-clouds master secret id', 4)).toString('hex');
  return { id, key };
}

/** Returns the bytes of base64 or base64url, if there are enough of them. */
function randomBytesIn(secret: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(secret)) return undefined;
  const bytes = Buffer.from(secret, 'base64');
  return bytes.byteLength >= minBytes ? bytes : undefined;
}
