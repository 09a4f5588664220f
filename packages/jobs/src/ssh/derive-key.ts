import { createPrivateKey, createPublicKey, hkdfSync, randomBytes } from 'node:crypto';
import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { masterKeyOf } from './master-keys.ts';

/** An Ed25519 key pair in SSH's formats. The private key exists only in memory. */
export interface SshKeyPair {
  /** The public key: `ssh-ed25519 AAAA… <instance name>`. */
  readonly publicKey: string;
  /** The private key in OpenSSH's PEM format. */
  readonly privateKey: string;
}

const keyType = 'ssh-ed25519';
/** An Ed25519 private key in PKCS #8 is this prefix and the 32 bytes of the seed (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Derives the SSH key of an instance from a master secret and the ID of its owner, which is the instance name without its deadline.
 * The same input always gives the same key, so it does not need to be stored.
 * @param masterSecret One or several master secrets, as in `GPU_CLOUDS_MASTER_SECRET`.
 * @param secretId The secret that the instance was created with, from its `secretId`. Default: the newest.
 * @throws {MasterSecretError} A secret is too short, or there is none with this id.
 */
export function deriveSshKey(masterSecret: string, instanceName: string, secretId?: string): SshKeyPair {
  const { key } = masterKeyOf(masterSecret, secretId);
  const ownerId = ownerIdOf(instanceName);
  const seed = Buffer.from(hkdfSync('sha256', key, '', `gpu-clouds ssh ed25519 ${ownerId}`, 32));
  const der = Buffer.concat([pkcs8Prefix, seed]);
  const jwk = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' });
  const point = Buffer.from(jwk.x ?? '', 'base64url');
  const blob = Buffer.concat([field(keyType), field(point)]);
  return {
    publicKey: `${keyType} ${blob.toString('base64')} ${ownerId}`,
    privateKey: openSshPrivateKey(seed, point, blob, ownerId),
  };
}

/** One unencrypted key in the format of OpenSSH's PROTOCOL.key. */
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

/** Four bytes of length, then the content. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
