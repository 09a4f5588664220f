import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { deriveSshKey, MasterSecretError } from './derive-key.ts';

const secret = 'a master secret of a test';

it('the derived SSH key depends on exactly the instance name and the master secret', () => {
  const { publicKey } = deriveSshKey(secret, 'gpuc-default-run-0');
  expect(deriveSshKey(secret, 'gpuc-default-run-0').publicKey).toBe(publicKey);
  expect(deriveSshKey(secret, 'gpuc-default-run-1').publicKey).not.toBe(publicKey);
  expect(deriveSshKey(`${secret}!`, 'gpuc-default-run-0').publicKey).not.toBe(publicKey);
});

it('the derived private key is valid OpenSSH and matches the public key', () => {
  const { privateKey, publicKey } = deriveSshKey(secret, 'gpuc-default-run-0');
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  expect(parsed.isPrivateKey()).toBe(true);
  expect(`${parsed.type} ${parsed.getPublicSSH().toString('base64')} gpuc-default-run-0`).toBe(publicKey);
});

it('deriveSshKey refuses an empty master secret', () => {
  expect(() => deriveSshKey('', 'x')).toThrow(MasterSecretError);
});
