import { defaultUser } from './catalog.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** Rounds a price to 6 decimal places. */
export function round(price: number): number {
  return Number(price.toFixed(6));
}

/** Returns a virtual machine as the API shows it. */
export function virtualMachineView(instance: VirtualMachine) {
  const { host, share, forwards, operatingSystem, disassociated } = instance.detail;
  const { priceFactor = 1 } = instance;
  const compute = priceFactor * (disassociated ? 0 : host.computePrice(share));
  const storage = priceFactor * host.storagePrice(share);
  return {
    // The API has no status for booting: it reports Running before SSH accepts logins.
    status: instance.phase !== 'stopped' ? 'Running' : disassociated ? 'StoppedDisassociated' : 'Stopped',
    name: instance.name,
    type: 'virtualmachine',
    hostnode: host.id,
    hostname: '127.0.0.1',
    ip_address: '127.0.0.1',
    dedicated_ip_address: null,
    location: host.locationId,
    country: host.row.country,
    state: host.row.region,
    city: host.row.city,
    operating_system: operatingSystem,
    default_user: defaultUser,
    timestamp_creation: new Date(instance.createdAt).toUTCString(),
    cost: round(compute + storage),
    compute_price: compute.toFixed(6),
    storage_price: storage.toFixed(6),
    total_price: (compute + storage).toFixed(6),
    cpu_threadscount: String(share.vcpus),
    port_forwards: forwards,
    specs: {
      gpu: { amount: share.gpuCount, type: share.gpuModel },
      vcpus: share.vcpus,
      ram: share.ram,
      storage: share.storage,
    },
  };
}
