import { describe, expect, it } from 'vitest';
import { fakeCloud, instanceNamed } from '../test/fake-cloud.ts';
import type { Cloud } from './cloud.ts';
import { findByLabel } from './ownership.ts';

const refused = () => Promise.reject(new Error('The test did not expect this call.'));

function cloudWith({ instances, keys, volumes, deployments }: typeof mine): Cloud {
  return fakeCloud({
    listInstances: async () => instances,
    keys: { list: async () => keys, create: refused, delete: refused },
    volumes: { list: async () => volumes, delete: refused },
    jobs: {
      ...{ listOffers: refused, create: refused, get: refused, submit: refused, look: refused, answer: refused },
      list: async () => deployments,
      delete: refused,
    },
  });
}

const label = 'gpuc-a-r-0';
const mine = {
  instances: [instanceNamed(label, { id: 'i1' })],
  keys: [{ id: 'k1', label }],
  volumes: [{ id: 'v1', label, instanceIds: [] }],
  deployments: [label],
};
const others = {
  instances: [instanceNamed('gpuc-ab-r-0', { id: 'i2' }), instanceNamed('gpuc-a-r-01', { id: 'i3' })],
  keys: [{ id: 'k2', label: 'gpuc-a-r-0-copy' }],
  volumes: [{ id: 'v2', label: '', instanceIds: [] }],
  deployments: ['gpuc-a-r-01'],
};
const both = {
  instances: [...mine.instances, ...others.instances],
  keys: [...mine.keys, ...others.keys],
  volumes: [...mine.volumes, ...others.volumes],
  deployments: [...mine.deployments, ...others.deployments],
};

describe('findByLabel', () => {
  it('finds what bears the label, and nothing else', async () => {
    expect(await findByLabel(cloudWith(both), label)).toEqual(mine);
  });

  it('does not count an instance that is gone, nor need a cloud to have keys and volumes', async () => {
    const cloud = fakeCloud({ listInstances: async () => [instanceNamed(label, { status: 'gone' })] });
    expect(await findByLabel(cloud, label)).toEqual({ instances: [], keys: [], volumes: [], deployments: [] });
  });
});
