import { scryptSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { deriveSshKey } from './derive-key.ts';
import { checkMasterSecret, MasterSecretError, masterKeys } from './master-keys.ts';

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

const random = (byte: number) => Buffer.alloc(32, byte).toString('base64');

it('after a rotation new instances use the newest secret, and older instances keep theirs', () => {
  const [old] = masterKeys(random(1));
  const rotated = `${random(2)}, ${random(1)}`;
  expect(masterKeys(rotated)[1]?.id).toBe(old?.id);
  expect(deriveSshKey(rotated, 'x').publicKey).toBe(deriveSshKey(random(2), 'x').publicKey);
  expect(deriveSshKey(rotated, 'x', old?.id).publicKey).toBe(deriveSshKey(random(1), 'x').publicKey);
});

it('an instance whose master secret is missing is refused with the id of the secret', () => {
  const [old] = masterKeys(random(1));
  expect(() => deriveSshKey(random(2), 'x', old?.id)).toThrow(
    `The instance was created with the master secret ${old?.id}, which is missing here.`,
  );
});

it('the same 32 bytes in base64 and base64url are the same secret, and a password is stretched with scrypt', () => {
  const bytes = Buffer.alloc(32, 0xfb);
  const [plain] = masterKeys(bytes.toString('base64'));
  expect(masterKeys(bytes.toString('base64url'))[0]?.id).toBe(plain?.id);
  expect(plain?.key).toEqual(bytes);
  const password = 'a long password with spaces';
  const stretched = scryptSync(password, 'gpu-clouds master secret', 32, { N: 2 ** 16, r: 8, p: 1, maxmem: 2 ** 27 });
  expect(masterKeys(password)[0]?.key).toEqual(stretched);
});

it('keys stay the same from one version to the next, so that instances of the version before can be reached', () => {
  expect(masterKeys(random(1))[0]?.id).toBe('9f9c788c');
  expect(deriveSshKey(random(1), 'gpuc-default-run-0').publicKey).toBe(
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMGzECcqogeYgXMHXaPFaF7gVhCBlrctReXyyk0Q1zIY gpuc-default-run-0',
  );
});

it.each(['', 'short', `${random(1)},`, `${random(1)},short`])('the master secret %j is refused', (secret) => {
  expect(() => checkMasterSecret(secret)).toThrow(MasterSecretError);
});
