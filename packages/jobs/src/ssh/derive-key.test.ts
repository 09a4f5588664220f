import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { deriveSshKey, MasterSecretError } from './derive-key.ts';

const secret = 'a master secret of a test';

it('the same instance name has the same key, another instance name or secret another', () => {
  const { publicKey } = deriveSshKey(secret, 'gpuc-default-run-0');
  expect(deriveSshKey(secret, 'gpuc-default-run-0').publicKey).toBe(publicKey);
  expect(deriveSshKey(secret, 'gpuc-default-run-1').publicKey).not.toBe(publicKey);
  expect(deriveSshKey(`${secret}!`, 'gpuc-default-run-0').publicKey).not.toBe(publicKey);
});

it('the private key is one that SSH reads and that belongs to the public key', () => {
  const { privateKey, publicKey } = deriveSshKey(secret, 'gpuc-default-run-0');
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  expect(parsed.isPrivateKey()).toBe(true);
  expect(`${parsed.type} ${parsed.getPublicSSH().toString('base64')} gpuc-default-run-0`).toBe(publicKey);
});

it('a master secret that anyone could guess is refused', () => {
  expect(() => deriveSshKey('', 'x')).toThrow(MasterSecretError);
});
