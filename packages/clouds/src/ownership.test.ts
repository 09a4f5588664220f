import { describe, expect, it } from 'vitest';
import { fakeCloud, instanceNamed } from '../test/fake-cloud.ts';
import type { Cloud, Instance, SshKey, Volume } from './cloud.ts';
import { CloudError, type CloudErrorKind } from './cloud-error.ts';
import { destroyEverything, findByLabel } from './ownership.ts';

const error = (kind: CloudErrorKind) =>
  new CloudError(kind, { kind, vendor: 'verda', operation: 'deleteInstance', mayHaveTakenEffect: false });

const refused = () => Promise.reject(error('invalid'));

/** A cloud with things in it, which are gone as soon as they are deleted; `refuse` can throw instead. */
function cloudWith(
  {
    instances = [],
    keys = [],
    volumes = [],
    deployments = [],
  }: { instances?: Instance[]; keys?: SshKey[]; volumes?: Volume[]; deployments?: string[] },
  refuse: (id: string) => void = () => {},
) {
  const gone = new Set<string>();
  const present = <T extends { readonly id: string }>(things: T[]) => things.filter(({ id }) => !gone.has(id));
  const remove = async (id: string) => {
    refuse(id);
    gone.add(id);
  };
  const cloud: Cloud = fakeCloud({
    listInstances: async () => present(instances),
    deleteInstance: remove,
    keys: { list: async () => present(keys), create: () => Promise.reject(error('invalid')), delete: remove },
    volumes: { list: async () => present(volumes), delete: remove },
    jobs: {
      ...{ listOffers: refused, create: refused, get: refused, submit: refused, look: refused, answer: refused },
      list: async () => deployments.filter((name) => !gone.has(name)),
      delete: remove,
    },
  });
  return { cloud, gone };
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
    expect(await findByLabel(cloudWith(both).cloud, label)).toEqual(mine);
  });

  it('does not count an instance that is gone, nor need a cloud to have keys and volumes', async () => {
    const cloud = fakeCloud({ listInstances: async () => [instanceNamed(label, { status: 'gone' })] });
    expect(await findByLabel(cloud, label)).toEqual({ instances: [], keys: [], volumes: [], deployments: [] });
  });
});

describe('destroyEverything', () => {
  it('deletes what bears the label, says how much there was, and then that nothing is left', async () => {
    const { cloud, gone } = cloudWith(both);
    expect(await destroyEverything(cloud, label)).toEqual({ instances: 1, keys: 1, volumes: 1, deployments: 1 });
    expect([...gone].sort()).toEqual([label, 'i1', 'k1', 'v1']);
    expect(await destroyEverything(cloud, label)).toEqual({ instances: 0, keys: 0, volumes: 0, deployments: 0 });
  });

  it('deletes every instance of a label that was created twice', async () => {
    const { cloud, gone } = cloudWith({ instances: ['i1', 'i2'].map((id) => instanceNamed(label, { id })) });
    expect(await destroyEverything(cloud, label)).toMatchObject({ instances: 2 });
    expect(gone.size).toBe(2);
  });

  it('comes back for an instance that cannot be deleted yet', async () => {
    const { cloud, gone } = cloudWith(mine, (id) => {
      if (id === 'i1') throw error('conflict');
    });
    expect(await destroyEverything(cloud, label)).toEqual({ instances: 1, keys: 1, volumes: 1, deployments: 1 });
    expect(await destroyEverything(cloud, label)).toEqual({ instances: 1, keys: 0, volumes: 0, deployments: 0 });
    expect(gone).not.toContain('i1');
  });

  it('throws what stopped it only after it tried everything else', async () => {
    const { cloud, gone } = cloudWith(mine, (id) => {
      if (id === 'i1') throw error('unavailable');
    });
    await expect(destroyEverything(cloud, label)).rejects.toMatchObject({ kind: 'unavailable' });
    expect([...gone].sort()).toEqual([label, 'k1', 'v1']);
  });

  it('leaves a volume alone until the instance that uses it is gone', async () => {
    const { cloud, gone } = cloudWith({ ...mine, volumes: [{ id: 'v1', label, instanceIds: ['i1'] }] });
    expect(await destroyEverything(cloud, label)).toMatchObject({ volumes: 1 });
    expect(gone).not.toContain('v1');
    expect(await destroyEverything(cloud, label)).toMatchObject({ instances: 0, volumes: 1 });
    expect(await destroyEverything(cloud, label)).toEqual({ instances: 0, keys: 0, volumes: 0, deployments: 0 });
  });
});
