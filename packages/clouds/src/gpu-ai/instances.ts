import type { components } from '@gpu-clouds/gpu-ai';
import type { Instance, InstanceStatus, SshAddress } from '../cloud.ts';
import { priceOf } from '../price-per-hour.ts';

type GpuAiInstance = components['schemas']['Instance'];

/** The published document's statuses, and those of a later one. Whatever else comes is not ready. */
const statusOf: Readonly<Record<string, InstanceStatus>> = {
  allocating: 'provisioning',
  creating: 'provisioning',
  provisioning: 'provisioning',
  booting: 'provisioning',
  starting: 'provisioning',
  running: 'running',
  // The vendor's newest SDK: it runs, and the way to it is down.
  unreachable: 'running',
  stopping: 'stopped',
  stopped: 'stopped',
  terminated: 'gone',
  error: 'failed',
};

export function gpuAiInstance(from: GpuAiInstance): Instance {
  return {
    vendor: 'gpu-ai',
    id: from.id,
    name: from.name ?? '',
    status: statusOf[from.status] ?? 'provisioning',
    vendorStatus: from.status ?? 'unknown',
    region: from.region || undefined,
    pricePerHour: priceOf(from.price_per_hour),
    createdAt: from.created_at || undefined,
    ssh: sshOf(from.connection),
    volumeIds: [],
  };
}

/** The user stands in the command only: `ssh root@host -p 10022`. */
function sshOf(connection: GpuAiInstance['connection']): SshAddress | undefined {
  const { hostname, port, ssh_command } = connection ?? {};
  if (!hostname || !port) return undefined;
  return { host: hostname, port, user: /([\w.-]+)@/.exec(ssh_command ?? '')?.[1] ?? 'root' };
}
