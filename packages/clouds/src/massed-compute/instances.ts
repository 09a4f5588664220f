import type { components } from '@gpu-clouds/massed-compute';
import type { Instance, InstanceStatus } from '../cloud.ts';
import { priceOf } from '../price-per-hour.ts';

type MassedComputeInstance = components['schemas']['Instance'];

/**
 * The vendor's words, in whatever case; an unknown one is not ready. The document's only example, `rented`, has a booted system and an
 * address; brevdev/cloud, tested against the live API, takes it and `active` for running (instance.go, massedComputeLifecycleStatus).
 */
const statusOf: Readonly<Record<string, InstanceStatus>> = {
  pending: 'provisioning',
  booting: 'provisioning',
  rented: 'running',
  active: 'running',
  running: 'running',
  stopping: 'stopped',
  stopped: 'stopped',
  terminating: 'deleting',
  deleting: 'deleting',
  terminated: 'gone',
  deleted: 'gone',
  failed: 'failed',
  error: 'failed',
};

/** Takes over what is named here and nothing else: the vendor's answer holds a password in clear text. */
export function massedComputeInstance(from: MassedComputeInstance, sshPort: number): Instance {
  return {
    vendor: 'massed-compute',
    id: from.uuid,
    name: from.name ?? '',
    status: statusFor(from),
    vendorStatus: from.status ?? 'unknown',
    region: from.region?.name,
    pricePerHour: priceOf(from.product?.price_hr),
    createdAt: from.created || undefined,
    // The user is `Ubuntu` with some images and `ubuntu` with others.
    ssh: from.ip ? { host: from.ip, port: sshPort, user: from.username || 'ubuntu' } : undefined,
    volumeIds: [],
  };
}

/** An instance whose system has not booted, or which has no address, is not running yet, whatever its status says. */
function statusFor({ status, os_booted, ip }: MassedComputeInstance): InstanceStatus {
  const known = statusOf[status?.toLowerCase()] ?? 'provisioning';
  return known === 'running' && ((os_booted ?? 1) !== 1 || !ip) ? 'provisioning' : known;
}
