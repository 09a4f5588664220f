import { afterEach, expect, it, vi } from 'vitest';
import { chosenConnection, connect } from './connect.ts';

afterEach(() => vi.unstubAllEnvs());

it('an address alone is a server without TLS or key, whatever the environment says', () => {
  vi.stubEnv('TEMPORAL_API_KEY', 'a key');
  expect(chosenConnection({ address: 'here:1' })).toEqual({ connection: { address: 'here:1' } });
});

it('options win over the environment', () => {
  vi.stubEnv('TEMPORAL_ADDRESS', 'elsewhere:1');
  expect(chosenConnection({ connection: { address: 'here:1', apiKey: 'k', tls: true }, namespace: 'gpus' })).toEqual({
    connection: { address: 'here:1', apiKey: 'k', tls: true },
    namespace: 'gpus',
  });
});

it('a server that is not there is named', async () => {
  await expect(connect({ address: '127.0.0.1:1' })).rejects.toThrow('does not answer at 127.0.0.1:1: start it');
});
