import type { Offer, SshAddress } from '@gpu-clouds/clouds/pure';
import type { FailureSummary } from './failure-kinds.ts';
import type { JobContainer } from './job/container-schema.ts';

/** Input of the `instance` workflow, which owns one instance or job deployment. The workflow id must be the instance name. */
export interface InstanceRequest {
  /** The instance name, made by `formatInstanceName`. It determines the owner and is used only once. */
  readonly instanceName: string;
  /** Id of the run that the instance belongs to, or the instance name for a lease. A release must give the same value. */
  readonly run: string;
  /** The offer to rent. The workflow tries no other offer. */
  readonly offer: Offer;
  /** The vendor's name of the image. */
  readonly image?: string | undefined;
  /** Size of the disk in GiB. */
  readonly storage?: number | undefined;
  /** Seconds from the create call, including booting, until the instance is destroyed, whatever it is doing. */
  readonly ttlSeconds: number;
  /** Seconds from the create call beyond which `extend` is refused. If omitted, the instance cannot be extended. */
  readonly maxTtlSeconds?: number | undefined;
  /** Seconds without use after which a lease is released. If omitted, it is kept until its TTL is over. Ignored for the instance of a run. */
  readonly idleSeconds?: number | undefined;
  /** US dollars from the create call, at the higher of the offer's and the vendor's price, after which the instance is destroyed. */
  readonly maxDollars?: number | undefined;
  /** US dollars per hour. The instance is destroyed if the vendor reports a higher price. */
  readonly maxPricePerHour?: number | undefined;
  /** Accounts of the budget that its cost counts to, in addition to the fleet's. */
  readonly budgetAccounts?: readonly string[] | undefined;
  /** Version of this input's form, see `contractVersion`. Absent: `1.0`. */
  readonly contract?: string | undefined;
  /** The container of a job deployment, which is created instead of an instance. Absent for an instance. */
  readonly deployment?: JobDeploymentRequest | undefined;
  /** Whether the namespace has our search attributes. */
  readonly searchable?: boolean | undefined;
}

/** What a job deployment runs. */
export interface JobDeploymentRequest {
  /** The image, and the job that is posted to it once it is healthy. */
  readonly container: JobContainer;
  /** Variables of the container. They are kept in the history. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of secrets. The worker adds their values. */
  readonly secrets: readonly string[];
}

/** A job that a job deployment accepted. */
export interface JobSubmission {
  /** The address that the job was submitted to. */
  readonly endpoint: string;
  /** The vendor's id of the job. */
  readonly id: string;
  /** When it was accepted, in milliseconds since the epoch. */
  readonly submittedAt: number;
}

/** What a person has to look at, because an instance may bill unseen. */
export interface InstanceAlarms {
  /** When the teardown began, in ISO 8601. Present once it has taken longer than ten minutes. */
  readonly teardownStuckSince?: string | undefined;
  /** Since when the vendor's lists look wrong, because all instances of the account vanished at once, in ISO 8601. Absent otherwise. */
  readonly accountSuspectSince?: string | undefined;
}

/** What is known about an instance or job deployment so far. */
export interface InstanceFacts extends InstanceAlarms {
  /** The instance name, which is also the id of the workflow. */
  readonly instanceName: string;
  /**
   * `creating`: the create call is under way; the instance may already exist. `booting`: the vendor has answered the create call.
   * `ready`: SSH has answered, or the job deployment has accepted the job. `destroying`: the teardown is under way, until the instance is gone.
   */
  readonly state: 'creating' | 'booting' | 'ready' | 'destroying';
  /** The vendor's id of the instance. Absent until the vendor has answered the create call. */
  readonly instanceId?: string | undefined;
  /** Address of SSH, once the vendor reports that the instance is running. SSH may not answer yet. */
  readonly ssh?: SshAddress | undefined;
  /** Fingerprint of the host key, `SHA256:…`, pinned at the first connection. */
  readonly hostKey?: string | undefined;
  /** The full host key: `ssh-ed25519 AAAA…`. */
  readonly hostPublicKey?: string | undefined;
  /** Id of the master secret that the instance's SSH key is derived from, once SSH has answered. */
  readonly secretId?: string | undefined;
  /** US dollars per hour: the higher of the offer's price, including the ordered disk, and the vendor's price of the instance. */
  readonly pricePerHour: number;
  /** When the price last changed, in ISO 8601. Absent if the price has been the same since the create call. */
  readonly pricedSince?: string | undefined;
  /** The job that a job deployment accepted. Present once it is `ready`. */
  readonly submission?: JobSubmission | undefined;
  /** The runs that use the lease, in the order in which they came. Absent if there are none. */
  readonly runs?: readonly RunOnLease[] | undefined;
  /** Present shortly before a lease is released because nobody uses it. */
  readonly idle?: IdleLease | undefined;
}

/** A lease that nobody uses. */
export interface IdleLease {
  /** Since when nobody has used the instance, in ISO 8601. */
  readonly since: string;
  /** When the instance is released unless it is used before, in ISO 8601. */
  readonly releasedAt: string;
}

/** A run that uses a lease. */
export interface RunOnLease {
  /** Id of the run. */
  readonly run: string;
  /** Indexes of its GPUs. Absent while it waits for them. */
  readonly gpus?: readonly number[] | undefined;
}

/** How to connect to an instance with SSH. */
export interface InstanceConnection extends SshAddress {
  /** Fingerprint of the host key, `SHA256:…`, pinned at the first connection. */
  readonly hostKey: string;
  /** The full host key as in a `known_hosts` line: `ssh-ed25519 AAAA…`. */
  readonly hostPublicKey: string;
  /** Name of the key that the instance accepts. Derive it with `deriveSshKey(masterSecret, keyName, secretId)`. */
  readonly keyName: string;
  /** Id of the master secret that the key is derived from. Absent: the newest. */
  readonly secretId?: string | undefined;
}

/** Input of the update `extend`. */
export interface Extension {
  /** Seconds from now for which the instance stays at least. */
  readonly seconds: number;
}

/** Input of the signal and update `release`. */
export interface Release {
  /** Id of the run that owns the instance, or the lease's own id. A release with any other id is ignored or refused. */
  readonly run: string;
}

/** Why the instance ended. Available once the instance is gone. */
export type InstanceEnd = (
  | { readonly why: 'released' }
  | { readonly why: 'cap-reached' }
  | { readonly why: 'idle' }
  | ({ readonly why: 'failed' } & FailureSummary)
) & {
  /** Present if no instance has existed, for example because its create was refused. Such a lease costs nothing. */
  readonly neverExisted?: true | undefined;
};
