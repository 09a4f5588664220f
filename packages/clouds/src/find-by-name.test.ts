import { describe, expect, it } from 'vitest';
import { fakeCloud, instanceNamed } from '../test/fake-cloud.ts';
import type { Cloud } from './cloud.ts';
import { findByName, findOwned } from './find-by-name.ts';

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

  it('findByName counts what has the same name with another deadline', async () => {
    const listed = [instanceNamed(`${name}-htj01`, { id: 'i1' }), instanceNamed('gpuc-a-r-1-htj01', { id: 'i2' })];
    const found = await findByName(fakeCloud({ listInstances: async () => listed }), `${name}-htj02`);
    expect(found.instances.map(({ id }) => id)).toEqual(['i1']);
  });

  it('findByName throws the error of a list that cannot be read', async () => {
    await expect(findByName(fakeCloud({ listInstances: refused }), name)).rejects.toThrow('did not expect');
  });
});

describe('findOwned', () => {
  it('findOwned names each list that cannot be read, and returns the others', async () => {
    const failing = { list: refused, create: refused, delete: refused };
    const cloud = { ...cloudWith(both), keys: failing, volumes: failing };
    expect(await findOwned(cloud, (other) => other === name)).toEqual({
      ...mine,
      keys: [],
      volumes: [],
      failures: [
        { kind: 'keys', error: expect.any(Error) },
        { kind: 'volumes', error: expect.any(Error) },
      ],
    });
    const { jobs } = cloudWith(both);
    const other = { ...cloudWith(both), listInstances: refused, jobs: jobs && { ...jobs, list: refused } };
    const { failures } = await findOwned(other, (found) => found === name);
    expect(failures.map(({ kind }) => kind)).toEqual(['instances', 'jobDeployments']);
  });

  it('findOwned passes its signal on to every list', async () => {
    const { signal } = new AbortController();
    const signals: unknown[] = [];
    const noting = async (options?: { readonly signal?: AbortSignal | undefined }) => {
      signals.push(options?.signal);
      return [];
    };
    const { jobs } = cloudWith(both);
    const cloud = fakeCloud({
      listInstances: noting,
      keys: { list: noting, create: refused, delete: refused },
      volumes: { list: noting, delete: refused },
      jobs: jobs && { ...jobs, list: noting },
    });
    await findOwned(cloud, () => true, { signal });
    expect(signals).toEqual([signal, signal, signal, signal]);
  });
});
