/** The clouds, by their package names. */
export const vendors = ['gpu-ai', 'massed-compute', 'tensordock', 'verda'] as const;
/** A cloud: `verda`, `gpu-ai`, `massed-compute` or `tensordock`. */
export type Vendor = (typeof vendors)[number];

/** How far a part of an instance can grow beyond what the offer has of it. */
export interface Growth {
  /** The most there can be of it, in the part's unit. */
  readonly max: number;
  /** US dollars an hour for one unit more. */
  readonly pricePerHour: number;
}

/** One rentable instance at one price in one place. Plain JSON, so that it can travel through a workflow. */
export interface Offer {
  /** Whose offer it is. */
  readonly vendor: Vendor;
  /** Stable for the same instance, place and kind of billing. Unique within the vendor. */
  readonly id: string;
  /** Normalized name, the same whatever a vendor calls it: `H100 SXM`, `RTX A6000`, `L40S`. */
  readonly gpu: string;
  /** How many GPUs the instance has. */
  readonly gpuCount: number;
  /** GiB of memory of one GPU. */
  readonly gpuMemory: number;
  /** Virtual CPUs of the instance, where the vendor says. */
  readonly vcpus?: number | undefined;
  /** GiB of main memory. */
  readonly memory?: number | undefined;
  /** GiB of disk that come with the price. */
  readonly storage?: number | undefined;
  /** Parts whose size is up to the order, where the vendor sells them by the piece. `rankOffers` orders more of them where asked to. */
  readonly growth?: {
    /** In virtual CPUs. */
    readonly vcpus?: Growth | undefined;
    /** In GiB of main memory. */
    readonly memory?: Growth | undefined;
    /** In GiB of disk. */
    readonly storage?: Growth | undefined;
  };
  /** The vendor's name for the place. */
  readonly region: string;
  /** US dollars an hour for the whole instance. */
  readonly pricePerHour: number;
  /** True when the instance may be taken back at any time. */
  readonly spot: boolean;
  /** Instances of this kind left, where the vendor says. Stock lists are stale: an offer can still fail at create. */
  readonly available?: number | undefined;
  /** The vendor's own words for it, which `createInstance` needs. Opaque to everyone else. */
  readonly native: Readonly<Record<string, string | number | boolean>>;
}

/** Where an instance is in its life. `gone` bills nothing any more; all the others may. */
export type InstanceStatus = 'provisioning' | 'running' | 'stopped' | 'deleting' | 'gone' | 'failed';

/** Where, and as whom, to log in. */
export interface SshAddress {
  /** IP address or name. */
  readonly host: string;
  /** TCP port, 22 unless the vendor forwards another. */
  readonly port: number;
  /** The user that the vendor's image has. */
  readonly user: string;
}

/** A rented instance, whoever rents it out. */
export interface Instance {
  /** Whose instance it is. */
  readonly vendor: Vendor;
  /** The vendor's id. */
  readonly id: string;
  /** The name it was created under; ownership is told by it. */
  readonly name: string;
  /** In the words that all clouds share. */
  readonly status: InstanceStatus;
  /** The vendor's own word for the status. */
  readonly vendorStatus: string;
  /** The vendor's name for the place, where it says. */
  readonly region?: string | undefined;
  /** US dollars an hour for the whole instance. */
  readonly pricePerHour?: number | undefined;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** Where SSH answers, once the vendor says. */
  readonly ssh?: SshAddress | undefined;
  /** Volumes that go on billing unless they are deleted with the instance. */
  readonly volumeIds: readonly string[];
}

/** A public key that the vendor keeps. */
export interface SshKey {
  /** The vendor's id. */
  readonly id: string;
  /** The name it was created under; ownership is told by it. */
  readonly name: string;
}

/** A disk that outlives its instance, and bills. */
export interface Volume {
  /** The vendor's id. */
  readonly id: string;
  /** The name it was created under; ownership is told by it. */
  readonly name: string;
  /** Instances that it is attached to. */
  readonly instanceIds: readonly string[];
}

/** What `createInstance` is asked for. */
export interface InstanceOrder {
  /** What is asked for, as `listOffers` gave it. */
  readonly offer: Offer;
  /** Lower-case letters, digits and hyphens, at most 56 characters: valid as a name with every vendor. See {@link formatInstanceName}. */
  readonly name: string;
  /** OpenSSH public key, `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
  /** The vendor's key object for that public key; required where {@link Cloud.keys} exists. */
  readonly key?: SshKey | undefined;
  /** Vendor's image name; the adapter picks one with a CUDA driver when it is left out. */
  readonly image?: string | undefined;
  /** GiB of disk. The vendor's smallest sensible size when left out. */
  readonly storage?: number | undefined;
}

/** How a vendor answered a request to delete something. */
export interface Deletion {
  /**
   * True when the vendor took the request for this id, or says that it is deleted already. False when it does not know the id, which is
   * no proof: a list may lag, and a vendor that fails over answers the same.
   */
  readonly accepted: boolean;
  /** Volumes whose deletion the vendor accepted with it. */
  readonly volumeIds?: readonly string[] | undefined;
}

/** Options of every call to a cloud. */
export interface CallOptions {
  /** Ends the call. A create that is ended may have been done. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One account with one vendor. Every method throws {@link CloudError} and nothing else.
 * All of it is safe to call again, except `createInstance` and `keys.create`: after one of those failed with
 * `mayHaveTakenEffect`, look for the instance name in the list first.
 */
export interface Cloud {
  /** Whose account it is. */
  readonly vendor: Vendor;
  /** What can be rented now, at which price. */
  listOffers(options?: CallOptions): Promise<readonly Offer[]>;
  /** Asks for an instance and returns its id as soon as the vendor names one. It is `provisioning` then, and it bills. */
  createInstance(order: InstanceOrder, options?: CallOptions): Promise<{ readonly id: string }>;
  /** Undefined when the vendor does not know the id. A deleted one is undefined, or `gone`. */
  getInstance(id: string, options?: CallOptions): Promise<Instance | undefined>;
  /** All instances of the account that are not gone. May lag behind a create. */
  listInstances(options?: CallOptions): Promise<readonly Instance[]>;
  /**
   * Asks for the instance and the volumes it came with to be destroyed. Never throws `not-found`: see {@link Deletion.accepted}.
   * @throws CloudError `conflict` while the vendor refuses (Verda: provisioning); call again later.
   */
  deleteInstance(id: string, options?: CallOptions): Promise<Deletion>;
  /** Absent where the vendor takes the public key with the order (TensorDock). */
  readonly keys?: {
    /** Registers a public key, in OpenSSH's form of one line. Two calls may make two keys of one instance name. */
    create(key: { readonly name: string; readonly publicKey: string }, options?: CallOptions): Promise<SshKey>;
    /** All keys of the account, whoever registered them. */
    list(options?: CallOptions): Promise<readonly SshKey[]>;
    /** Never throws `not-found`: see {@link Deletion.accepted}. */
    delete(id: string, options?: CallOptions): Promise<Deletion>;
  };
  /** Absent where disks live and die with their instance. */
  readonly volumes?: {
    /** All disks of the account, attached or not, but for those that are deleted. */
    list(options?: CallOptions): Promise<readonly Volume[]>;
    /** Deletes for good, past any trash. Never throws `not-found`: see {@link Deletion.accepted}. */
    delete(id: string, options?: CallOptions): Promise<Deletion>;
  };
  /** Absent where the vendor runs no containers for single jobs. */
  readonly jobs?: JobDeployments | undefined;
}

/** What a job deployment is asked for. */
export interface JobDeploymentOrder {
  /** One of {@link JobDeployments.listOffers}. */
  readonly offer: Offer;
  /** Its name with the vendor, which no two can have. See `formatInstanceName`. */
  readonly name: string;
  /** With a tag of its own: `latest` is refused. */
  readonly image: string;
  /** Where the container listens. */
  readonly port: number;
  /** Path that answers 200 once the container can take its job. */
  readonly health: string;
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[] | undefined;
  /** In place of the image's command: arguments of the entrypoint. */
  readonly args?: readonly string[] | undefined;
  /** Values of secrets among them: they go to the vendor, and are gone with the deployment. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of credentials for a private image that the account has already. */
  readonly registryCredentials?: string | undefined;
  /** After so many seconds the vendor ends the container, whatever it does. Rounded to what the vendor takes. */
  readonly deadlineSeconds: number;
}

/** A deployment as the vendor shows it. */
export interface JobDeployment {
  /** Its name; ownership is told by it. */
  readonly name: string;
  /** Whether it takes jobs. */
  readonly status: 'preparing' | 'ready' | 'deleting';
  /** The vendor's own word for the status. */
  readonly vendorStatus: string;
  /** Where jobs are submitted. */
  readonly endpoint: string;
}

/** One job that was submitted. */
export interface SubmittedJob {
  /** {@link JobDeployment.endpoint} */
  readonly endpoint: string;
  /** As the answer to the submission named it. */
  readonly id: string;
}

/** What came of a job. */
export interface JobResult {
  /** The container answered with a 2xx status. */
  readonly succeeded: boolean;
  /** HTTP status of the container's answer; 404 when it ended without one. */
  readonly status: number;
  /** The container's answer. */
  readonly body: string;
}

/**
 * Containers that a vendor starts for one job each, and ends with it. Every method throws `CloudError` and nothing else. All are
 * safe to call again, except `submit`: after one that failed with `mayHaveTakenEffect` nobody can tell whether the job runs. A second
 * `create` under an instance name is refused with `conflict`.
 */
export interface JobDeployments {
  /** Rentable kinds of container. @throws CloudError `unauthorized` where the credentials to submit jobs are missing. */
  listOffers(options?: CallOptions): Promise<readonly Offer[]>;
  /** Makes a deployment. Nothing runs in it until a job is submitted. */
  create(order: JobDeploymentOrder, options?: CallOptions): Promise<void>;
  /** Undefined when the vendor does not know it. */
  get(name: string, options?: CallOptions): Promise<JobDeployment | undefined>;
  /** Instance names of all deployments of the account, those that are being deleted included. May lag behind a create. */
  list(options?: CallOptions): Promise<readonly string[]>;
  /** Asks for the deployment to go, and what runs in it with it. Never throws `not-found`: see {@link Deletion.accepted}. */
  delete(name: string, options?: CallOptions): Promise<Deletion>;
  /**
   * Sends the job, which runs and is answered some day.
   * @param path Path and query of the container's that takes the job.
   * @param payload JSON.
   */
  submit(
    endpoint: string,
    job: { readonly path: string; readonly payload: unknown },
    options?: CallOptions,
  ): Promise<{ readonly id: string }>;
  /** `failed`: the vendor says that there will be no answer. */
  poll(job: SubmittedJob, options?: CallOptions): Promise<'waiting' | 'completed' | 'failed'>;
  /** Of a `completed` job. */
  result(job: SubmittedJob, options?: CallOptions): Promise<JobResult>;
}
