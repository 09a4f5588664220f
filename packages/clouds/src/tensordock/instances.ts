import type { components } from '@gpu-clouds/tensordock';
import type { Instance, InstanceStatus, SshAddress } from '../cloud.ts';
import { priceOf } from '../price-per-hour.ts';

type VirtualMachine = components['schemas']['VirtualMachine'];

/** From the vendor's dashboard template. Whatever else comes is on its way. */
const statusOf: Readonly<Record<string, InstanceStatus>> = {
  running: 'running',
  stopped: 'stopped',
  stoppeddisassociated: 'stopped',
  outbid: 'stopped',
  // The sister platform's SDK (voltage_park_sdk) lists it.
  terminated: 'gone',
};

/**
 * Returns the one machine in an answer about a server: the machine itself or, as the plural name of the property suggests, a map from its ID to
 * it. An empty map, which PHP writes as an empty list, says that there is none.
 */
export function machineIn(server: string, shown: VirtualMachine): VirtualMachine | undefined {
  if (typeof shown === 'object' && Object.keys(shown).length === 0) return undefined;
  return Object.hasOwn(shown, server) ? Reflect.get(shown, server) : shown;
}

export function tensorDockInstance(id: string, from: VirtualMachine): Instance {
  return {
    vendor: 'tensordock',
    id,
    name: from.name ?? '',
    status: statusOf[from.status?.toLowerCase()] ?? 'provisioning',
    vendorStatus: from.status ?? 'unknown',
    region: [from.country, from.state, from.city].filter(Boolean).join(', '),
    pricePerHour: priceOf(from.total_price),
    createdAt: isoDate(from.timestamp_creation),
    ssh: sshOf(from),
    volumeIds: [],
  };
}

/** An instance's own address where it has one, else the port of the hostnode that forwards to 22. */
function sshOf(from: VirtualMachine): SshAddress | undefined {
  const { dedicated_ip_address, ip_address, hostname, port_forwards, default_user } = from;
  const user = default_user || 'user';
  if (dedicated_ip_address) return { host: dedicated_ip_address, port: 22, user };
  const port = Object.entries(port_forwards ?? {}).find(([, internal]) => Number(internal) === 22)?.[0];
  // Older answers name the hostnode's address `hostname` only.
  const host = ip_address || hostname;
  return port && host ? { host, port: Number(port), user } : undefined;
}

/** `Sat, 10 Dec 2022 21:38:19 GMT` as ISO 8601. */
function isoDate(text: string): string | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
