import { namespaceFleet } from '@gpu-clouds/jobs';
import type { NativeConnection } from '@temporalio/worker';
import type { WorkerGroupOptions } from './worker-options.ts';

/** Returns the fleet of the workers: the option, `GPU_CLOUDS_FLEET`, or the default one of the namespace. */
export async function workerFleet(
  { fleet, env = process.env, namespace = 'default' }: Pick<WorkerGroupOptions, 'fleet' | 'env' | 'namespace'>,
  { workflowService }: NativeConnection,
): Promise<string> {
  return fleet ?? (env.GPU_CLOUDS_FLEET || (await namespaceFleet({ workflowService, namespace })));
}
