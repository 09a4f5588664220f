import type { Cloud, Instance } from '../src/cloud.ts';

export function instanceNamed(name: string, given: Partial<Instance> = {}): Instance {
  return {
    vendor: 'verda',
    id: `id-of-${name}`,
    name,
    status: 'running',
    vendorStatus: 'running',
    volumeIds: [],
    ...given,
  };
}

/** A cloud of which a test states what it uses. */
export function fakeCloud(given: Partial<Cloud>): Cloud {
  const unexpected = () => Promise.reject(new Error('The test did not expect this call.'));
  return {
    vendor: 'verda',
    listOffers: unexpected,
    createInstance: unexpected,
    getInstance: unexpected,
    listInstances: unexpected,
    deleteInstance: unexpected,
    ...given,
  };
}
