import type { InstanceRequest } from '@gpu-clouds/jobs/contract';
import { workflowInfo } from '@temporalio/workflow';

/** Returns the name that this lease was started with, for messages. */
export function nameOfLease({ instanceName }: Pick<InstanceRequest, 'instanceName'>): string {
  const name = workflowInfo().memo?.name;
  return typeof name === 'string' ? name : instanceName;
}
