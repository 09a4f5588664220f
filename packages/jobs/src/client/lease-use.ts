import type { Client } from '@temporalio/client';
import type { InstanceRequest } from '../instance-api.ts';
import type { Job } from '../job/job-schema.ts';
import type { LeaseDescription } from '../lease/lease-api.ts';
import { LeaseError } from '../lease/lease-error.ts';
import { type LeaseFit, leaseFit } from '../lease/lease-fit.ts';
import { describedIfAny } from './described.ts';
import { isLease } from './lease-summary.ts';
import { isLive, textOf } from './list-workflows.ts';
import { inputOf } from './started-with.ts';

/**
 * Returns what is known of a lease that runs can use. Needs no worker.
 * @throws {LeaseError} There is no lease with this id, or it has ended.
 */
export async function describedLease(client: Client, id: string): Promise<LeaseDescription> {
  const info = await describedIfAny(client, id);
  const list = 'List leases with `gpu-clouds ls`.';
  if (info === undefined || !isLease(info)) throw new LeaseError(`There is no lease "${id}". ${list}`);
  const name = textOf(info.memo?.name) ?? id;
  if (!isLive(info)) throw new LeaseError(`The lease ${name} has ended. ${list}`, { hasEnded: true });
  const { offer, image, storage } = await inputOf<InstanceRequest>(client, id);
  return { name, offer, image, storage };
}

/**
 * Checks that a job can run on a lease, and returns the lease and how many of its GPUs the job gets.
 * @throws {LeaseError} There is no such lease, it has ended, or it does not meet the job.
 */
export async function checkOnLease(
  client: Client,
  job: Job,
  { id }: { readonly id: string },
): Promise<LeaseDescription & Extract<LeaseFit, { readonly gpus: number }>> {
  const lease = await describedLease(client, id);
  const fit = leaseFit(job, lease);
  if ('refusals' in fit) throw new LeaseError(fit.refusals.join(' '));
  return { ...lease, ...fit };
}
