import { orderedPricePerHour } from '@gpu-clouds/clouds/pure';
import type { Client } from '@temporalio/client';
import type { InstanceRequest } from '../instance-api.ts';
import type { JobInstance } from '../job-status.ts';
import { pricesMemo, workflowNames } from '../workflow-api.ts';
import { describedIfAny } from './described.ts';
import { pricesOf } from './lease-summary.ts';
import { isLive } from './list-workflows.ts';
import { inputOf } from './started-with.ts';

/** An instance or job deployment of a run, as Temporal knows it from the workflow that owns it. */
export interface OwnedInstance
  extends Pick<JobInstance, 'instanceName' | 'offer' | 'pricePerHour' | 'earlierPrices' | 'since'> {
  /** When its owner ended, in ISO 8601. Absent until then. */
  readonly until?: string | undefined;
  /** Whether it is a job deployment. */
  readonly isDeployment: boolean;
  /** Whether its owner may have left it behind, because it was terminated. */
  readonly isAbandoned: boolean;
}

/** Returns what a workflow owns for a run. Undefined if the run has no such owner. Needs no worker. */
export async function ownedInstance(client: Client, ownerId: string, run: string): Promise<OwnedInstance | undefined> {
  const info = await describedIfAny(client, ownerId);
  if (info?.type !== workflowNames.instance || info.memo?.run !== run) return undefined;
  const { status, startTime, closeTime, memo } = info;
  const { instanceName, offer, storage, deployment } = await inputOf<InstanceRequest>(client, ownerId);
  const { pricePerHour = orderedPricePerHour(offer, storage), earlierPrices } = pricesOf(memo[pricesMemo]);
  return {
    instanceName,
    offer,
    pricePerHour,
    earlierPrices,
    since: startTime.toISOString(),
    until: closeTime?.toISOString(),
    isDeployment: deployment !== undefined,
    isAbandoned: !isLive(info) && status.name !== 'COMPLETED' && status.name !== 'CANCELLED',
  };
}
