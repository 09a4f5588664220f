import type { components } from '@gpu-clouds/gpu-ai';
import type { Instance, InstanceStatus, SshAddress } from '../cloud.ts';
import { pricePerHour } from '../price-per-hour.ts';

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
  const ssh = sshOf(from.connection);
  return {
    vendor: 'gpu-ai',
    id: from.id,
    name: from.name ?? '',
    status: statusOf[from.status] ?? 'provisioning',
    vendorStatus: from.status ?? 'unknown',
    ...(from.region && { region: from.region }),
    ...pricePerHour(from.price_per_hour),
    ...(from.created_at && { createdAt: from.created_at }),
    ...(ssh && { ssh }),
    volumeIds: [],
  };
}

/** The user stands in the command only: `ssh root@host -p 10022`. */
function sshOf(connection: GpuAiInstance['connection']): SshAddress | undefined {
  const { hostname, port, ssh_command } = connection ?? {};
  if (!hostname || !port) return undefined;
  return { host: hostname, port, user: /([\w.-]+)@/.exec(ssh_command ?? '')?.[1] ?? 'root' };
}
