import type { Offer, SshAddress } from '@gpu-clouds/clouds/pure';
import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Input of the `instance` workflow, whose id has to be the label. */
export interface InstanceRequest {
  readonly label: string;
  readonly offer: Offer;
  /** The cloud's own name of an image. */
  readonly image?: string;
  /** GiB of disk. */
  readonly storage?: number;
  /** From the create call on, booting included; then the machine is destroyed whatever it does. */
  readonly maxSeconds: number;
  /** US dollars, from the create call on, at the price that the cloud says; then the machine is destroyed too. */
  readonly maxDollars?: number;
}

/** What is known of the machine so far. */
export interface InstanceFacts {
  readonly label: string;
  readonly state: 'creating' | 'booting' | 'ready' | 'destroying';
  readonly instanceId?: string;
  readonly ssh?: SshAddress;
  /** Pinned on first sight: `SHA256:…`. */
  readonly hostKey?: string;
  /** US dollars an hour: what the cloud says of the machine, else of the offer. */
  readonly pricePerHour: number;
}

/** Why the machine came to its end. By the time anybody reads this it is gone. */
export type InstanceEnd =
  | { readonly why: 'released' }
  | { readonly why: 'cap-reached' }
  /** @property kind A `CloudErrorKind`, or `failed`, `never-ready`, `lost`. */
  | { readonly why: 'failed'; readonly kind: string; readonly message: string };

/** Tells the `instance` workflow that nobody needs the machine any more. */
export const releaseSignal = defineSignal('release');
export const instanceQuery = defineQuery<InstanceFacts>('instance');
/** Sent to the parent of an `instance` workflow at each change. */
export const instanceChangedSignal = defineSignal<[InstanceFacts]>('instanceChanged');
