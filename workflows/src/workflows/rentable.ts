import type { InstanceRequest, JobInstance } from '@gpu-clouds/jobs/contract';
import { teardown } from './activity-proxies.ts';

/** What the request to the owner says beyond the offer and the limits: what a run rents, instances or job deployments. */
export type Rentable = Pick<InstanceRequest, 'image' | 'storage' | 'deployment'>;

/** Destroys what an owner that was terminated may have left. Resolves once it is gone, with its id if it existed. */
export function destroyAbandoned(
  { instanceName, instanceId, offer: { vendor } }: JobInstance,
  isDeployment: boolean,
): Promise<string | undefined> {
  // Its owner may have called create until just now.
  const target = { vendor, instanceName, lastCreateAt: Date.now() };
  const { destroyInstance, destroyJobDeployment } = teardown(vendor, `Destroy ${instanceName}`);
  return isDeployment ? destroyJobDeployment(target) : destroyInstance({ ...target, instanceId, volumeIds: [] });
}
