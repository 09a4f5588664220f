import { describe, expect, it } from 'vitest';
import { fakeCloud, instanceNamed } from '../test/fake-cloud.ts';
import type { Cloud } from './cloud.ts';
import { findByName } from './find-by-name.ts';

const refused = () => Promise.reject(new Error('The test did not expect this call.'));

function cloudWith({ instances, keys, volumes, jobDeployments }: typeof mine): Cloud {
  return fakeCloud({
    listInstances: async () => instances,
    keys: { list: async () => keys, create: refused, delete: refused },
    volumes: { list: async () => volumes, delete: refused },
    jobs: {
      listOffers: refused,
      create: refused,
      get: refused,
      submit: refused,
      poll: refused,
      result: refused,
      list: async () => jobDeployments,
      delete: refused,
    },
  });
}

const name = 'gpuc-a-r-0';
const mine = {
  instances: [instanceNamed(name, { id: 'i1' })],
  keys: [{ id: 'k1', name }],
  volumes: [{ id: 'v1', name, instanceIds: [] }],
  jobDeployments: [name],
};
const others = {
  instances: [instanceNamed('gpuc-ab-r-0', { id: 'i2' }), instanceNamed('gpuc-a-r-01', { id: 'i3' })],
  keys: [{ id: 'k2', name: 'gpuc-a-r-0-copy' }],
  volumes: [{ id: 'v2', name: '', instanceIds: [] }],
  jobDeployments: ['gpuc-a-r-01'],
};
const both = {
  instances: [...mine.instances, ...others.instances],
  keys: [...mine.keys, ...others.keys],
  volumes: [...mine.volumes, ...others.volumes],
  jobDeployments: [...mine.jobDeployments, ...others.jobDeployments],
};

describe('findByName', () => {
  it('finds what bears the name, and nothing else', async () => {
    expect(await findByName(cloudWith(both), name)).toEqual(mine);
  });

  it('does not count an instance that is gone, nor need a cloud to have keys and volumes', async () => {
    const cloud = fakeCloud({ listInstances: async () => [instanceNamed(name, { status: 'gone' })] });
    expect(await findByName(cloud, name)).toEqual({ instances: [], keys: [], volumes: [], jobDeployments: [] });
  });
});
