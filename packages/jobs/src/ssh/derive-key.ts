import { createPrivateKey, createPublicKey, hkdfSync, randomBytes } from 'node:crypto';

/** An Ed25519 key pair in the forms that SSH wants. The private half lives in memory only. */
export interface SshKeyPair {
  /** `ssh-ed25519 AAAA… <instance name>`. */
  readonly publicKey: string;
  /** OpenSSH private key, PEM. */
  readonly privateKey: string;
}

/** The master secret is missing or too short. */
export class MasterSecretError extends Error {
  override readonly name = 'MasterSecretError';
}

const keyType = 'ssh-ed25519';
/** RFC 8410: an Ed25519 private key in PKCS #8 is this, and the 32 bytes of the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Checks that keys can be derived from the master secret. @throws MasterSecretError */
export function checkMasterSecret(masterSecret: string): void {
  if (masterSecret.length >= 16) return;
  throw new MasterSecretError('GPU_CLOUDS_MASTER_SECRET must be set to at least 16 characters that are hard to guess.');
}

/**
 * The key of the instance with this label: always the same for the same master secret, hence stored nowhere.
 * @throws MasterSecretError
 */
export function deriveSshKey(masterSecret: string, instanceName: string): SshKeyPair {
  checkMasterSecret(masterSecret);
  const seed = Buffer.from(hkdfSync('sha256', masterSecret, '', `gpu-clouds ssh ed25519 ${instanceName}`, 32));
  const der = Buffer.concat([pkcs8Prefix, seed]);
  const jwk = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' });
  const point = Buffer.from(jwk.x ?? '', 'base64url');
  const blob = Buffer.concat([field(keyType), field(point)]);
  return {
    publicKey: `${keyType} ${blob.toString('base64')} ${instanceName}`,
    privateKey: openSshPrivateKey(seed, point, blob, instanceName),
  };
}

/** OpenSSH's PROTOCOL.key: unencrypted, one key. */
function openSshPrivateKey(seed: Buffer, point: Buffer, publicBlob: Buffer, comment: string): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    field(keyType),
    field(point),
    field(Buffer.concat([seed, point])),
    field(comment),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const key = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    one,
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = key.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** A length in four bytes, then the bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
