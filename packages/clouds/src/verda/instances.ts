import type { components } from '@gpu-clouds/verda';
import type { Instance, InstanceStatus } from '../cloud.ts';
import { parseInstanceName } from '../instance-name.ts';
import { priceOf } from '../price-per-hour.ts';

export type VerdaInstance = components['schemas']['GetInstanceResponsePublicApiDto'];

/** The published document's statuses, and those that the vendor's SDKs know beyond it. Whatever else comes is on its way. */
const statusOf: Readonly<Record<string, InstanceStatus>> = {
  new: 'provisioning',
  ordered: 'provisioning',
  pending: 'provisioning',
  validating: 'provisioning',
  provisioning: 'provisioning',
  restoring: 'provisioning',
  running: 'running',
  offline: 'stopped',
  starting_hibernation: 'stopped',
  hibernating: 'stopped',
  deleting: 'deleting',
  discontinued: 'gone',
  error: 'failed',
  no_capacity: 'failed',
  notfound: 'failed',
  installation_failed: 'failed',
};

export function verdaInstance(from: VerdaInstance, sshPort: number): Instance {
  return {
    vendor: 'verda',
    id: from.id,
    // Both are set to the instance name at create; a person can change either in the console.
    name: [from.hostname, from.description].find((name) => name && parseInstanceName(name)) ?? from.hostname ?? '',
    status: statusOf[from.status] ?? 'provisioning',
    vendorStatus: from.status ?? 'unknown',
    region: from.location || undefined,
    pricePerHour: priceOf(from.price_per_hour),
    createdAt: from.created_at || undefined,
    ssh: from.ip ? { host: from.ip, port: sshPort, user: 'root' } : undefined,
    volumeIds: [...new Set([...(from.volume_ids ?? []), from.os_volume_id])].filter(
      (id) => id !== null && id !== undefined,
    ),
  };
}
