import type { InstanceOrder, Offer, Vendor } from '../src/cloud.ts';

/** An order as a workflow makes it; a test says what of it matters. */
export function orderFrom(vendor: Vendor, native: Offer['native'], given: Partial<Offer> = {}): InstanceOrder {
  return {
    offer: {
      vendor,
      id: 'o',
      gpu: 'H100 SXM',
      gpuCount: 1,
      gpuMemory: 80,
      region: 'FIN-01',
      pricePerHour: 2.5,
      spot: false,
      native,
      ...given,
    },
    name: 'gpuc-a-r-0',
    publicKey: 'ssh-ed25519 AAAA test',
    key: { id: 'key-id', name: 'gpuc-a-r-0' },
  };
}
