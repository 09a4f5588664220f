import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporalConnection } from './temporal-connection.ts';

let folder: string;
let noFile: { readonly TEMPORAL_CONFIG_FILE: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-connection-'));
  noFile = { TEMPORAL_CONFIG_FILE: join(folder, 'default.toml') };
  await writeFile(noFile.TEMPORAL_CONFIG_FILE, '[profile.default]\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('an API key in the environment is sent over TLS', () => {
  const env = {
    ...noFile,
    TEMPORAL_ADDRESS: 'us-west-2.aws.api.temporal.io:7233',
    TEMPORAL_NAMESPACE: 'gpus.a1b2c',
    TEMPORAL_API_KEY: 'a key',
  };
  expect(temporalConnection(env)).toMatchObject({
    connection: { address: 'us-west-2.aws.api.temporal.io:7233', apiKey: 'a key', tls: true },
    namespace: 'gpus.a1b2c',
  });
});

it('temporalConnection reads client certificates from files', async () => {
  const [cert, key] = [join(folder, 'client.pem'), join(folder, 'client.key')];
  await Promise.all([writeFile(cert, 'certificate'), writeFile(key, 'private')]);
  const env = { ...noFile, TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key };
  const { tls } = temporalConnection(env).connection;
  const pair = typeof tls === 'object' ? tls?.clientCertPair : undefined;
  expect(Buffer.from(pair?.crt ?? []).toString()).toBe('certificate');
});

it('TEMPORAL_PROFILE selects a profile of the configuration file', async () => {
  const file = join(folder, 'temporal.toml');
  await writeFile(file, '[profile.staging]\naddress = "staging:7233"\nnamespace = "gpus"\n');
  const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'staging' };
  expect(temporalConnection(env)).toMatchObject({ connection: { address: 'staging:7233' }, namespace: 'gpus' });
});

it('an invalid configuration file gives an error that says so', async () => {
  const file = join(folder, 'broken.toml');
  await writeFile(file, '[profile');
  expect(() => temporalConnection({ TEMPORAL_CONFIG_FILE: file })).toThrow('cannot be read');
});
