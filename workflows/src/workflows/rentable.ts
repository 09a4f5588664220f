import type { InstanceRequest, JobInstance } from '@gpu-clouds/jobs/contract';
import { teardown } from './activity-proxies.ts';

/** What a run rents: an instance, or a job deployment. The offer and the limits come with it in the request to the owner. */
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
