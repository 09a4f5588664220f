import type { InstanceEnd, InstanceRequest } from '@gpu-clouds/jobs/contract';
import type { LeaseTime } from './lease-time.ts';
import type { Ownership } from './ownership.ts';

/** How an owner creates, watches, and destroys what it owns. Instances and job deployments differ in this only. */
export interface Provision {
  /** Whether it existed, or may have: the answer to a create can be lost. */
  readonly mayHaveBilled: boolean;
  /** Creates it. From the start of this call on, it may exist. */
  create(): Promise<void>;
  /** Waits until it can be used. */
  becomeReady(): Promise<void>;
  /** Waits until the vendor takes it back. */
  untilLost(): Promise<InstanceEnd>;
  /** Destroys it, and never gives up. Resolves once it is gone, with its id if it existed. */
  destroy(): Promise<string | undefined>;
}

/** What the two kinds of provision know of their owner. */
export interface Owner {
  readonly request: InstanceRequest;
  readonly ownership: Ownership;
  readonly time: LeaseTime;
}
