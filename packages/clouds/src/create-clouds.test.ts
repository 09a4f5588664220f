import { describe, expect, it } from 'vitest';
import { hastyClock } from '../test/hasty-clock.ts';
import { vendors } from './cloud.ts';
import { CloudError } from './cloud-error.ts';
import { createCloud, createClouds } from './create-clouds.ts';
import { credentialVariables } from './credentials.ts';

const complete = Object.fromEntries(
  Object.values(credentialVariables)
    .flat()
    .map((name) => [name, `value of ${name}`]),
);
const never = () => Promise.reject(new Error('nothing may be sent'));

describe('createClouds', () => {
  it('makes every cloud that the environment has credentials for', () => {
    const { clouds, missing } = createClouds({ env: complete, fetch: never });
    expect([...clouds.keys()]).toEqual([...vendors]);
    expect([...clouds.values()].map(({ vendor }) => vendor)).toEqual([...vendors]);
    expect(missing).toEqual([]);
  });

  it('says what the others lack', () => {
    const env = { VERDA_CLIENT_ID: 'id', VERDA_CLIENT_SECRET: ' ', MASSED_COMPUTE_TOKEN: 'token' };
    const { clouds, missing } = createClouds({ env });
    expect([...clouds.keys()]).toEqual(['massed-compute']);
    expect(missing).toEqual([
      { vendor: 'gpu-ai', variables: ['GPU_AI_API_KEY'] },
      { vendor: 'tensordock', variables: ['TENSORDOCK_API_KEY', 'TENSORDOCK_API_TOKEN'] },
      { vendor: 'verda', variables: ['VERDA_CLIENT_SECRET'] },
    ]);
  });

  it('makes only those that are wanted', () => {
    const { clouds, missing } = createClouds({ env: complete, vendors: ['verda'] });
    expect([...clouds.keys()]).toEqual(['verda']);
    expect(missing).toEqual([]);
  });
});

describe('createCloud', () => {
  it.each([
    ['ahead of', 3_600_000],
    ['behind', -3_600_000],
  ])('clockSkewMs reports a clock that is %s that of the vendor, once the vendor has answered', async (_, skewMs) => {
    const date = new Date(Math.floor(Date.now() / 1000) * 1000 - skewMs).toUTCString();
    const fetch = async () => Response.json([], { headers: { date } });
    const cloud = createCloud('massed-compute', { env: complete, fetch });
    expect(cloud.clockSkewMs?.()).toBeUndefined();
    await cloud.listInstances().catch(() => undefined);
    expect((cloud.clockSkewMs?.() ?? 0) / 60_000).toBeCloseTo(skewMs / 60_000, 0);
  });

  it('names the variables that are missing', () => {
    const create = () => createCloud('tensordock', { env: { TENSORDOCK_API_KEY: 'k' } });
    expect(create).toThrow('tensordock: no credentials. Set TENSORDOCK_API_TOKEN in the environment.');
    expect(create).toThrow(expect.objectContaining({ kind: 'unauthorized', mayHaveTakenEffect: false }));
  });

  it.each([
    ['VERDA_SSH_PORT', 'ssh', /VERDA_SSH_PORT is "ssh", which is not a port/],
    ['VERDA_SSH_PORT', '70000', /from 1 to 65535/],
    ['VERDA_BASE_URL', 'api.verda.com', /^verda: VERDA_BASE_URL must be an http or https URL/],
  ])('refuses %s=%s with one sentence', (name, value, message) => {
    const create = () => createCloud('verda', { env: { ...complete, [name]: value } });
    expect(create).toThrow(message);
    expect(create).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });

  it('throws a CloudError when the vendor cannot be reached, without any credential in it', async () => {
    const cloud = createCloud('massed-compute', { env: complete, fetch: never, clock: hastyClock });
    const error = await cloud.listInstances().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'unavailable', vendor: 'massed-compute', operation: 'listInstances' });
    expect(CloudError.isInstance(error) && error.message + error.stack).not.toContain('value of');
  });
});
