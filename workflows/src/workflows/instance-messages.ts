import {
  type Extension,
  type InstanceConnection,
  type InstanceFacts,
  instanceNames,
  type Release,
} from '@gpu-clouds/jobs/contract';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/**
 * Releases the instance, because its run no longer needs it. For workflows, which cannot send updates. Ignored if it comes from another run.
 */
export const releaseSignal = defineSignal<[Release]>(instanceNames.release);
/** Releases the instance. For clients. Refused for another run, and once the instance is being destroyed. */
export const releaseUpdate = defineUpdate<void, [Release]>(instanceNames.release);
/** Extends the time to live, and returns when it ends now, in ISO 8601. The limit in dollars stays the same. */
export const extendUpdate = defineUpdate<string, [Extension]>(instanceNames.extend);
/** What is known about the instance so far: its state, id, address, and price. */
export const instanceQuery = defineQuery<InstanceFacts>(instanceNames.facts);
/** How to connect. Undefined until the instance is ready, and once it is being destroyed. */
export const connectionQuery = defineQuery<InstanceConnection | undefined>(instanceNames.connection);
/** Sent by its own teardown when all instances of the account vanish at once, and when they are back. */
export const accountSuspectSignal = defineSignal<[boolean]>(instanceNames.accountSuspect);
/** Sent to the parent of an `instance` workflow on each change. */
export const instanceChangedSignal = defineSignal<[InstanceFacts]>('instanceChanged');
