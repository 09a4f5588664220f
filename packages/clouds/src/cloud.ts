import type { Vendor } from './generated/vendors.ts';

export { jobDeploymentVendors, type Vendor, vendors } from './generated/vendors.ts';

/** How much more of one part an order can have than the offer includes. */
export interface Growth {
  /** Maximum, in the part's unit. */
  readonly max: number;
  /** US dollars per hour for each additional unit. */
  readonly pricePerHour: number;
}

/** One rentable instance type at one price in one region. Plain JSON, so a workflow can hold it. */
export interface Offer {
  /** The vendor of the offer. */
  readonly vendor: Vendor;
  /** Stable for the same instance type, region, and billing. Unique within the vendor. */
  readonly id: string;
  /** Normalized name, the same for all vendors: `H100 SXM`, `RTX A6000`, `L40S`. */
  readonly gpu: string;
  /** Number of GPUs in the instance. */
  readonly gpuCount: number;
  /** GiB of memory of one GPU. */
  readonly gpuMemory: number;
  /** Virtual CPUs of the instance. Absent if the vendor does not report them. */
  readonly vcpus?: number | undefined;
  /** GiB of main memory. */
  readonly memory?: number | undefined;
  /** GiB of disk included in the price. */
  readonly storage?: number | undefined;
  /** Parts whose size the order can choose. `rankOffers` increases them to meet its constraints. */
  readonly growth?: {
    /** In virtual CPUs. */
    readonly vcpus?: Growth | undefined;
    /** In GiB of main memory. */
    readonly memory?: Growth | undefined;
    /** In GiB of disk. */
    readonly storage?: Growth | undefined;
  };
  /** The vendor's name of the region. */
  readonly region: string;
  /** US dollars per hour for the whole instance. */
  readonly pricePerHour: number;
  /** True if the vendor can take the instance back at any time. */
  readonly spot: boolean;
  /** Number of instances left, if the vendor reports it. Stock lists are stale: a create can still fail. */
  readonly available?: number | undefined;
  /** The vendor's identifiers, which `createInstance` needs. Opaque to other code. */
  readonly native: Readonly<Record<string, string | number | boolean>>;
}

/** State of an instance. `gone` no longer bills. All other states may bill. */
export type InstanceStatus = 'provisioning' | 'running' | 'stopped' | 'deleting' | 'gone' | 'failed';

/** Address and user for SSH. */
export interface SshAddress {
  /** IP address or host name. */
  readonly host: string;
  /** TCP port: 22 unless the vendor forwards another one. */
  readonly port: number;
  /** The login user of the vendor's image. */
  readonly user: string;
}

/** A rented instance. */
export interface Instance {
  /** The vendor. */
  readonly vendor: Vendor;
  /** The vendor's id. */
  readonly id: string;
  /** The instance name. Ownership is determined by this name. */
  readonly name: string;
  /** State in the terms that all clouds share. */
  readonly status: InstanceStatus;
  /** The status as the vendor reports it. */
  readonly vendorStatus: string;
  /** The vendor's name of the region. Absent if the vendor does not report it. */
  readonly region?: string | undefined;
  /** US dollars per hour for the whole instance. */
  readonly pricePerHour?: number | undefined;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** Address for SSH. Absent until the vendor reports it. */
  readonly ssh?: SshAddress | undefined;
  /** Volumes that continue to bill unless they are deleted with the instance. */
  readonly volumeIds: readonly string[];
}

/** A public key that is registered with the vendor. */
export interface SshKey {
  /** The vendor's id. */
  readonly id: string;
  /** The instance name. Ownership is determined by this name. */
  readonly name: string;
}

/** A disk that outlives its instance and bills on its own. */
export interface Volume {
  /** The vendor's id. */
  readonly id: string;
  /** The instance name. Ownership is determined by this name. */
  readonly name: string;
  /** Ids of the instances that it is attached to. */
  readonly instanceIds: readonly string[];
}

/** Input of `createInstance`. */
export interface InstanceOrder {
  /** An offer from `listOffers`. */
  readonly offer: Offer;
  /** Lower-case letters, digits and hyphens, at most 56 characters: valid as a name with every vendor. See {@link formatInstanceName}. */
  readonly name: string;
  /** OpenSSH public key, `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
  /** The vendor's key object for that public key. Required if {@link Cloud.keys} exists. */
  readonly key?: SshKey | undefined;
  /** The vendor's image name. Default: an image with a CUDA driver. */
  readonly image?: string | undefined;
  /** GiB of disk. Default: the vendor's smallest usable size. */
  readonly storage?: number | undefined;
  /**
   * Seconds after which the instance must be gone. A vendor that can end an instance by itself is asked to do so soon after. GPU.ai can, in
   * whole hours up to 720, counted from when the instance runs.
   */
  readonly maxLifeSeconds?: number | undefined;
}

/** The vendor's response to a delete. */
export interface Deletion {
  /**
   * True if the vendor accepted the delete of this id, or reports that it is already deleted. False if the vendor does not know the id, or
   * responds without saying that it accepted.
   * That is no proof that it is gone: a list may lag, and a vendor that fails over responds in the same way.
   */
  readonly accepted: boolean;
  /** Volumes whose deletion was accepted with it. */
  readonly volumeIds?: readonly string[] | undefined;
}

/** Options of every call to a cloud. */
export interface CallOptions {
  /** Aborts the call. An aborted create may have taken effect. */
  readonly signal?: AbortSignal | undefined;
  /** `high`: sent although the vendor has asked for a longer pause. For calls without which an instance would bill on. */
  readonly priority?: 'high' | undefined;
}

/** What a vendor says about the money of an account. */
export interface AccountMoney {
  /** US dollars left in the account. Absent if the vendor does not say. */
  readonly balance?: number | undefined;
  /** US dollars that the vendor counted for the whole account, regardless of who spent them. Absent if the vendor does not say. */
  readonly spent?: number | undefined;
  /** Why there is no number, in one sentence or clause. */
  readonly message?: string | undefined;
}

/**
 * One account with one vendor. Every method throws only {@link CloudError}.
 * All methods are safe to call again, except `createInstance` and `keys.create`. If one of those fails with
 * `mayHaveTakenEffect`, search the list for the instance name before you retry.
 */
export interface Cloud {
  /** The vendor of the account. */
  readonly vendor: Vendor;
  /**
   * Returns by how many milliseconds this machine's clock is ahead of the vendor's, by the `Date` header of the latest response. Undefined
   * before the first response with one.
   */
  readonly clockSkewMs?: (() => number | undefined) | undefined;
  /** Returns what the vendor says about the account's money. Absent: the vendor says nothing. */
  readonly readAccount?: ((since: Date, options?: CallOptions) => Promise<AccountMoney>) | undefined;
  /** Lists what can be rented now, with prices. */
  listOffers(options?: CallOptions): Promise<readonly Offer[]>;
  /** Creates an instance and returns its id as soon as the vendor assigns one. It is `provisioning` then, and it bills. */
  createInstance(order: InstanceOrder, options?: CallOptions): Promise<{ readonly id: string }>;
  /** Returns the instance, or undefined if the vendor does not know the id. A deleted instance is undefined or `gone`. */
  getInstance(id: string, options?: CallOptions): Promise<Instance | undefined>;
  /** Lists every instance in the account that is not gone, ours or not. The list may lag behind a create. */
  listInstances(options?: CallOptions): Promise<readonly Instance[]>;
  /**
   * Deletes the instance and the volumes that came with it. Never throws `not-found`: see {@link Deletion.accepted}.
   * @throws {CloudError} `conflict` while the instance cannot be deleted yet, such as during provisioning. Call it again later.
   */
  deleteInstance(id: string, options?: CallOptions): Promise<Deletion>;
  /** Absent if the vendor takes the public key with the order. */
  readonly keys?: {
    /** Registers a public key in OpenSSH's one-line format. Two calls may create two keys with the same name. */
    create(key: { readonly name: string; readonly publicKey: string }, options?: CallOptions): Promise<SshKey>;
    /** Lists all keys of the account, ours or not. */
    list(options?: CallOptions): Promise<readonly SshKey[]>;
    /** Deletes the key. Never throws `not-found`: see {@link Deletion.accepted}. */
    delete(id: string, options?: CallOptions): Promise<Deletion>;
  };
  /** Absent if every disk is deleted with its instance. */
  readonly volumes?: {
    /** Lists all disks of the account that are not deleted, attached or not. */
    list(options?: CallOptions): Promise<readonly Volume[]>;
    /** Deletes the volume permanently, without a trash. Never throws `not-found`: see {@link Deletion.accepted}. */
    delete(id: string, options?: CallOptions): Promise<Deletion>;
  };
  /** Absent if the vendor has no job deployments. */
  readonly jobs?: JobDeployments | undefined;
}

/** Input of `JobDeployments.create`. */
export interface JobDeploymentOrder {
  /** An offer from {@link JobDeployments.listOffers}. */
  readonly offer: Offer;
  /** The instance name, unique in the account. See `formatInstanceName`. */
  readonly name: string;
  /** Container image with an explicit tag. The vendor rejects `latest`. */
  readonly image: string;
  /** Port on which the container listens. */
  readonly port: number;
  /** Path that returns 200 once the container can accept its job. */
  readonly health: string;
  /** Overrides the image's entrypoint. */
  readonly entrypoint?: readonly string[] | undefined;
  /** Overrides the image's command: arguments of the entrypoint. */
  readonly args?: readonly string[] | undefined;
  /** Environment variables, secrets included. The vendor stores them until the job deployment is deleted. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of the account's registry credentials for a private image. */
  readonly registryCredentials?: string | undefined;
  /** Seconds after which the vendor ends the container. Clamped to the vendor's range. */
  readonly deadlineSeconds: number;
}

/** A job deployment as the vendor reports it. */
export interface JobDeployment {
  /** The instance name. Ownership is determined by this name. */
  readonly name: string;
  /** `ready`: it accepts jobs. */
  readonly status: 'preparing' | 'ready' | 'deleting';
  /** The status as the vendor reports it. */
  readonly vendorStatus: string;
  /** URL to which jobs are submitted. */
  readonly endpoint: string;
}

/** A job that was submitted. */
export interface SubmittedJob {
  /** {@link JobDeployment.endpoint} */
  readonly endpoint: string;
  /** The id in the response to the submission. */
  readonly id: string;
}

/** Result of a job. */
export interface JobResult {
  /** Whether the container responded with a 2xx status. */
  readonly succeeded: boolean;
  /** HTTP status of the container's response. 404 if it ended without one. */
  readonly status: number;
  /** Body of the container's response. */
  readonly body: string;
}

/**
 * Serverless containers that run one job each. Every method throws only `CloudError`. All methods are safe to call again, except
 * `submit`: after it fails with `mayHaveTakenEffect`, it is unknown whether the job runs. A second `create` with the same name fails with
 * `conflict`.
 */
export interface JobDeployments {
  /** Lists the available container types. @throws {CloudError} `unauthorized` if the credentials to submit jobs are missing. */
  listOffers(options?: CallOptions): Promise<readonly Offer[]>;
  /** Creates a job deployment. Nothing runs in it until a job is submitted. */
  create(order: JobDeploymentOrder, options?: CallOptions): Promise<void>;
  /** Returns the job deployment, or undefined if the vendor does not know it. */
  get(name: string, options?: CallOptions): Promise<JobDeployment | undefined>;
  /** Lists the names of all job deployments in the account, including those being deleted. The list may lag behind a create. */
  list(options?: CallOptions): Promise<readonly string[]>;
  /** Deletes the job deployment and what runs in it. Never throws `not-found`: see {@link Deletion.accepted}. */
  delete(name: string, options?: CallOptions): Promise<Deletion>;
  /**
   * Submits a job and returns without waiting for it.
   * @param path Path and query in the container to which the job is posted.
   * @param payload JSON.
   */
  submit(
    endpoint: string,
    job: { readonly path: string; readonly payload: unknown },
    options?: CallOptions,
  ): Promise<{ readonly id: string }>;
  /** Returns the state of a job. `failed`: there will be no result. */
  poll(job: SubmittedJob, options?: CallOptions): Promise<'waiting' | 'completed' | 'failed'>;
  /** Returns the result of a `completed` job. */
  result(job: SubmittedJob, options?: CallOptions): Promise<JobResult>;
}
