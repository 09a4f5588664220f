import type { InstanceRequest, JobInstance } from '@gpu-clouds/jobs/contract';

/** What a run rents: instances or job deployments. */
export interface Rentable {
  /** What the request to the owner says beyond the offer and the limits. */
  readonly request: Pick<InstanceRequest, 'image' | 'storage' | 'deployment'>;
  /** Destroys it if its owner was terminated. Resolves once it is gone, with its id if it existed. */
  destroy(instance: JobInstance): Promise<string | undefined>;
}
