import { orderedPricePerHour } from '@gpu-clouds/clouds/pure';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { InstanceRequest } from '../instance-api.ts';
import type { JobInstance } from '../job-status.ts';
import { pricesMemo, workflowNames } from '../workflow-api.ts';
import { pricesOf } from './lease-summary.ts';
import { isLive } from './list-workflows.ts';
import { inputOf } from './started-with.ts';

/** An instance or job deployment of a run, whose owner has ended. */
export interface EndedInstance
  extends Pick<JobInstance, 'instanceName' | 'offer' | 'pricePerHour' | 'earlierPrices' | 'since'> {
  /** When its owner ended, in ISO 8601. */
  readonly until: string;
  /** Whether it is a job deployment. */
  readonly isDeployment: boolean;
  /** Whether its owner may have left it behind, because it was terminated. */
  readonly isAbandoned: boolean;
}

/** Returns an instance of a run once its owner has ended, and `running` until then. Undefined if the run has no such owner. */
export async function endedInstance(
  client: Client,
  ownerId: string,
  run: string,
): Promise<EndedInstance | 'running' | undefined> {
  const info = await client.workflow
    .getHandle(ownerId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
  if (info?.type !== workflowNames.instance || info.memo?.run !== run) return undefined;
  if (isLive(info)) return 'running';
  const { status, startTime, closeTime = startTime, memo } = info;
  const { instanceName, offer, storage, deployment } = await inputOf<InstanceRequest>(client, ownerId);
  const { pricePerHour = orderedPricePerHour(offer, storage), earlierPrices } = pricesOf(memo[pricesMemo]);
  return {
    instanceName,
    offer,
    pricePerHour,
    earlierPrices,
    since: startTime.toISOString(),
    until: closeTime.toISOString(),
    isDeployment: deployment !== undefined,
    isAbandoned: status.name !== 'COMPLETED' && status.name !== 'CANCELLED',
  };
}
