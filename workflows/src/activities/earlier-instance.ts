import { type OwnedInstance, ownedInstance } from '@gpu-clouds/jobs/worker';
import { Context } from '@temporalio/activity';
import type { EarlierInstanceInput } from './contract.ts';

/** Returns an instance that the run rented before it was reset. Undefined if the run has no such owner. */
export function earlierInstance({ owner, run }: EarlierInstanceInput): Promise<OwnedInstance | undefined> {
  return ownedInstance(Context.current().client, owner, run);
}
