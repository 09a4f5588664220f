import type { Offer, SshAddress } from '@gpu-clouds/clouds/pure';
import type { JobPhase } from './job-status.ts';

/** Input of the `instance` workflow, whose id has to be the instance name. */
export interface InstanceRequest {
  /** `formatInstanceName(…)`: the instance's name with the cloud, which tells who owns it. Used once only. */
  readonly instanceName: string;
  /** Id of the run that the instance belongs to; of a lease, the instance name. Only who names it may release the instance. */
  readonly run: string;
  /** What is rented. There is no other offer to fall back on. */
  readonly offer: Offer;
  /** The cloud's own name of an image. */
  readonly image?: string;
  /** GiB of disk. */
  readonly storage?: number;
  /** From the create call on, booting included; then the instance is destroyed whatever it does. */
  readonly ttlSeconds: number;
  /** How far `extend` may put that off, from the create call on too. Left out, not at all. */
  readonly maxTtlSeconds?: number;
  /** US dollars, from the create call on, at the higher of the offer's price and the one that the cloud says; then the instance is destroyed too. */
  readonly maxDollars?: number;
  /** US dollars per hour. The instance is destroyed when the cloud says that it costs more. */
  readonly maxPricePerHour?: number | undefined;
  /** The namespace has our search attributes. */
  readonly searchable?: boolean;
}

/** What is known of the instance so far. */
export interface InstanceFacts {
  /** The instance's name with the cloud, and the id of the workflow. */
  readonly instanceName: string;
  /** `creating`: an instance may exist already. `booting`: the cloud has answered the create call. `ready`: SSH has answered. `destroying`: until it is gone. */
  readonly state: 'creating' | 'booting' | 'ready' | 'destroying';
  /** The cloud's id, once the create call is answered. Absent before. */
  readonly instanceId?: string;
  /** Where SSH listens, once the cloud says that the instance runs; it may not answer yet. */
  readonly ssh?: SshAddress;
  /** Pinned on first sight: `SHA256:…`. */
  readonly hostKey?: string;
  /** The whole of it: `ssh-ed25519 AAAA…`. */
  readonly hostPublicKey?: string;
  /** US dollars per hour: the higher of what the offer said, the ordered disk included, and what the cloud says of the instance. */
  readonly pricePerHour: number;
  /** ISO 8601: since when, where the price changed while the instance ran. Absent while one price counts from the create call on. */
  readonly pricedSince?: string;
  /** The phase of its run that began with this. */
  readonly begins?: JobPhase;
  /** ISO 8601: since when the instance is being destroyed, once that takes longer than it should. */
  readonly teardownStuckSince?: string;
}

/** How to get into the instance. */
export interface InstanceConnection extends SshAddress {
  /** Pinned on first sight: `SHA256:…`. */
  readonly hostKey: string;
  /** The whole host key, as a line of `known_hosts` has it: `ssh-ed25519 AAAA…`. */
  readonly hostPublicKey: string;
  /** `deriveSshKey(masterSecret, keyName)` is the key that is let in, wherever the master secret is. */
  readonly keyName: string;
}

/** Argument of the update `extend`. */
export interface Extension {
  /** The instance may live for at least this long from now on. */
  readonly seconds: number;
}

/** Argument of the signal and the update `release`. */
export interface Release {
  /** Id of the run that asks; of a lease, its own id. Another than the owner's is not heard. */
  readonly run: string;
}

/** Why the instance came to its end. By the time anybody reads this it is gone. */
export type InstanceEnd =
  | { readonly why: 'released' }
  | { readonly why: 'cap-reached' }
  /** @property kind A `CloudErrorKind`, or `failed`, `never-ready`, `lost`, `price-exceeded`. */
  | { readonly why: 'failed'; readonly kind: string; readonly message: string };
