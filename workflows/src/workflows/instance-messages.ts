import {
  type Extension,
  type InstanceConnection,
  type InstanceFacts,
  instanceNames,
  type Release,
} from '@gpu-clouds/jobs/contract';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/**
 * Tells the `instance` workflow that its run no longer needs the instance: from a workflow, which cannot send updates. From another run it
 * is ignored.
 */
export const releaseSignal = defineSignal<[Release]>(instanceNames.release);
/** The same from a client. Refused for another run, and once the instance is being destroyed. */
export const releaseUpdate = defineUpdate<void, [Release]>(instanceNames.release);
/** Puts off the end of the instance's time, and says when that is now: ISO 8601. The dollars that it may cost stay what they are. */
export const extendUpdate = defineUpdate<string, [Extension]>(instanceNames.extend);
/** What is known of the instance so far: its state, id, address and price. */
export const instanceQuery = defineQuery<InstanceFacts>(instanceNames.facts);
/** Undefined until the instance is ready, and once it is being destroyed. */
export const connectionQuery = defineQuery<InstanceConnection | undefined>(instanceNames.connection);
/** Sent to the parent of an `instance` workflow at each change. */
export const instanceChangedSignal = defineSignal<[InstanceFacts]>('instanceChanged');
