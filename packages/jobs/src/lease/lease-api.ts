import type { Offer, SshAddress } from '@gpu-clouds/clouds/pure';

/** Signals between runs and the lease that they run on. */
export const leaseSignalNames = {
  /** From a run to the lease: it wants GPUs. Input: {@link LeaseUse}. */
  use: 'use',
  /** From a run to the lease: it has ended. Input: {@link LeaseUser}. */
  leave: 'leave',
  /** From the lease to a run: what the run may use now. Input: {@link LeaseShare}. */
  share: 'leaseShare',
} as const;

/** A run that uses a lease, or wants to. */
export interface LeaseUser {
  /** Id of the run and of its workflow. */
  readonly run: string;
  /** Temporal's id of the execution. A run that was reset is another user, and a message about its earlier execution does not reach it. */
  readonly execution: string;
}

/** Input of the signal `use`. */
export interface LeaseUse extends LeaseUser {
  /** How many of the lease's GPUs the run wants. Default: all. */
  readonly gpus?: number | undefined;
}

/** What a run may use of an instance that it shares with others. */
export interface InstanceShare {
  /** Name of the run's folder below `~/.gpu-clouds`. It is used once. */
  readonly folder: string;
  /** Indexes of the run's GPUs, in the order of `nvidia-smi`. */
  readonly gpus: readonly number[];
}

/** How a run gets to the instance of a lease. */
export interface LeasedInstance {
  /** The instance name. */
  readonly instanceName: string;
  /** The vendor's id of the instance. */
  readonly instanceId?: string | undefined;
  /** Address of SSH. */
  readonly ssh: SshAddress;
  /** Fingerprint of the host key, `SHA256:…`. */
  readonly hostKey: string;
  /** Id of the master secret that its SSH key is derived from. Absent: the newest. */
  readonly secretId?: string | undefined;
}

/** Input of the signal `leaseShare`. */
export type LeaseShare =
  /** `behind`: the runs before it, those that use the GPUs first. `until`: when the lease ends, in ISO 8601. */
  | { readonly state: 'waiting'; readonly behind: readonly string[]; readonly until: string }
  | { readonly state: 'granted'; readonly instance: LeasedInstance; readonly share: InstanceShare }
  /** The lease was released: the run has a short time to end its command and to collect its files. */
  | { readonly state: 'ending'; readonly message: string }
  /** The instance is about to be destroyed, or the run was refused. */
  | { readonly state: 'ended'; readonly message: string };

/** What is known of a lease before a run starts on it. */
export interface LeaseDescription {
  /** The name that the lease was started with. */
  readonly name: string;
  /** The offer that was rented. */
  readonly offer: Offer;
  /** The vendor's name of the image, if the lease names one. */
  readonly image?: string | undefined;
  /** Size of the disk in GiB, if the lease names one. */
  readonly storage?: number | undefined;
}
