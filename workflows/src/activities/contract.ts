/** Inputs and outputs of activities: all that workflows and activities know of each other, and nobody else. Plain JSON, no secrets. */
import type { Offer, OfferConstraints, SshAddress, Vendor } from '@gpu-clouds/clouds/pure';
import type {
  BatchItemEnd,
  InstanceContainer,
  InstanceShare,
  Job,
  JobContainer,
  JobOrder,
  LeaseDescription,
  Notification,
  OrphansSince,
  SentFiles,
  Webhook,
} from '@gpu-clouds/jobs/contract';

/** An instance, or job deployment, whether or not the cloud has given it an id yet. */
export interface InstanceRef {
  readonly vendor: Vendor;
  /** The instance name. Ownership is determined by this name. */
  readonly instanceName: string;
}

/** Input of `createInstance`. */
export interface CreateInput extends InstanceRef {
  readonly offer: Offer;
  /** The cloud's own name of an image. One with a CUDA driver when left out. */
  readonly image?: string | undefined;
  /** GiB of disk. */
  readonly storage?: number | undefined;
  /** Seconds after which the instance must be gone. */
  readonly maxLifeSeconds?: number | undefined;
  /** Contract version of the input of the `instance` workflow. */
  readonly contract?: string | undefined;
}

/** Ids are absent when it was cancelled before anything was sent. */
export interface Created {
  readonly instanceId?: string | undefined;
  /** Id of the SSH key stored for this instance. Not every cloud stores keys. */
  readonly keyId?: string | undefined;
  /** The answer to an earlier create was lost: another instance of the name may still appear. */
  readonly mayHaveTwin?: true | undefined;
}

/** First of the details of the failure of `createInstance`. */
export interface CreateFailureDetails {
  /** False: there is certainly nothing but what the ids name. */
  readonly mayHaveTakenEffect: boolean;
  readonly keyId?: string | undefined;
}

/** Input of `awaitRunning` and of `watchInstance`. */
export interface AwaitInput extends InstanceRef {
  readonly instanceId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** US dollars per hour that are counted now. */
  readonly pricePerHour: number;
  /** Milliseconds since the epoch: since when they are. */
  readonly pricedAt: number;
  /** US dollars per hour of the order. A lower price that the cloud reports does not count. */
  readonly orderedPricePerHour: number;
  /** US dollars per hour above which the instance is released. */
  readonly maxPricePerHour?: number | undefined;
}

/** What the cloud says of an instance that runs. SSH may not answer yet. */
export interface Running {
  readonly ssh: SshAddress;
  /** US dollars an hour. Absent where the cloud does not say. */
  readonly pricePerHour?: number | undefined;
  /** Disks of the instance that would go on billing without it. */
  readonly volumeIds: readonly string[];
}

/** Input of `destroyInstance`. Ids may be lacking: the instance name alone finds everything. */
export interface DestroyInput extends InstanceRef {
  readonly instanceId?: string | undefined;
  readonly keyId?: string | undefined;
  readonly volumeIds: readonly string[];
  /**
   * Milliseconds since the epoch: until a while after this, "not listed" does not mean "not there". Absent when it is certain that
   * there is nothing but what the ids name.
   */
  readonly lastCreateAt?: number | undefined;
}

/** How an instance was lost. */
export interface Lost {
  /** A sentence for a person. */
  readonly message: string;
}

/** The cloud reports another price than the one that is counted. */
export interface Repriced {
  /** US dollars per hour, as reported. */
  readonly reportedPricePerHour: number;
}

/** What `prepareJob` found out. */
export interface Prepared {
  /** The clouds to rent from. */
  readonly vendors: readonly Vendor[];
  /** The job with all defaults, if the order's job lacked some. */
  readonly job?: Job | undefined;
  /** The lease that the run uses, and how many of its GPUs. Absent for a run that rents. */
  readonly lease?: (LeaseDescription & { readonly gpus: number }) | undefined;
}

/** Input of `prepareJob`. */
export type PrepareInput = Pick<JobOrder, 'fleet' | 'job' | 'store' | 'contract' | 'lease'>;

/** Input of `reapCloud`. */
export interface ReapInput {
  readonly vendor: Vendor;
  readonly fleet: string;
  /** Result of the previous poll of this vendor. */
  readonly orphansSince: OrphansSince;
  /** Milliseconds for which something has to be unclaimed. Default 10 minutes. */
  readonly graceMs?: number | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Input of `followRuns`. */
export interface FollowRunsInput {
  /** Id of the batch whose runs they have to be. */
  readonly batch: string;
  readonly ids: readonly string[];
}

/** The end of one run of a batch. */
export interface RunEnd {
  readonly id: string;
  readonly end: BatchItemEnd;
}

/** A workflow that `awaitClosed` waits for. */
export interface WorkflowRef {
  readonly workflowId: string;
  /** Temporal's id of the execution. Absent: the latest. */
  readonly runId?: string | undefined;
}

/** Input of `earlierInstance`. */
export interface EarlierInstanceInput {
  /** Id of the workflow that owns it. */
  readonly owner: string;
  /** Id of the run that it has to belong to. */
  readonly run: string;
}

/** Input of `evictRun`. */
export interface EvictInput {
  readonly instance: ReadyInstance;
  /** Name of the run's folder below `~/.gpu-clouds`. */
  readonly folder: string;
}

/** Input of `watchIdleness`. */
export interface IdlenessInput {
  readonly instance: ReadyInstance;
  /** GPUs that `nvidia-smi` has to show, because one that it does not show may be in use. */
  readonly gpuCount: number;
  /** Seconds without use after which the activity ends. */
  readonly forSeconds: number;
  /** The time without use so far. The activity also ends once the instance is used again. Absent: it waits for such a time. */
  readonly after?: IdleTime | undefined;
  /** What the terminals of the instance are shown first. */
  readonly warning?: string | undefined;
}

/** A time without use, in milliseconds since the epoch by the clock of a worker. Only its length is a fact. */
export interface IdleTime {
  readonly since: number;
  /** The latest poll that found no use. */
  readonly last: number;
}

/** Input of `sendNotification`. */
export interface NotifyInput {
  /** The same for each attempt, so that the receiver can ignore repetitions. */
  readonly id: string;
  readonly webhook: Webhook;
  readonly notification: Notification;
}

/** Input of `findOffers` and `findJobOffers`. */
export interface OffersInput {
  readonly vendor: Vendor;
  readonly constraints: OfferConstraints;
  /** Whether to fail, so that the call is repeated after a pause, as long as there is no offer. */
  readonly wait?: boolean | undefined;
}

/** An instance that answered over SSH. */
export interface ReadyInstance {
  readonly instanceName: string;
  readonly ssh: SshAddress;
  /** Pinned on first sight: `SHA256:…`. */
  readonly hostKey: string;
  /** Id of the master secret that its SSH key is derived from. Absent: the newest. */
  readonly secretId?: string | undefined;
  /** What a run on a lease may use of it. Absent: all of it. */
  readonly share?: InstanceShare | undefined;
}

/** Input of `awaitSsh`. */
export interface SshProbeInput extends InstanceRef {
  readonly ssh: SshAddress;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What `awaitSsh` saw: the key that the host showed, to be pinned. */
export interface SeenHost {
  /** `SHA256:…`. */
  readonly hostKey: string;
  /** The whole of it: `ssh-ed25519 AAAA…`. */
  readonly hostPublicKey: string;
  /** Id of the master secret whose key the instance accepts. */
  readonly secretId?: string | undefined;
}

/** Input of whatever works on an instance that answered. */
export interface OnInstance {
  readonly instance: ReadyInstance;
  /** Names of the run's secrets: what the instance says is kept without their values. */
  readonly secrets: readonly string[];
}

/** Input of `collectFiles`, from the instance to the run's outputs. */
export interface TransferInput extends OnInstance {
  readonly run: string;
  readonly files: readonly { readonly from: string; readonly to: string }[];
  /** Size of all files together. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** Input of `uploadFiles`. */
export interface UploadInput extends OnInstance {
  /** Ids of inputs in the run store, and the folders on the instance that they are unpacked in. */
  readonly inputs: readonly { readonly input: string; readonly to: string }[];
}

/** What `collectFiles` brought back. */
export interface Collected {
  /** Files and folders, relative to the run's outputs. */
  readonly outputs: readonly string[];
  /** What the instance did not have. */
  readonly missing: readonly string[];
  /** What did not fit into the limits, as a sentence without its end. Neither it nor what follows it was brought back as a whole. */
  readonly cut?: string | undefined;
}

/** Input of `downloadFiles`. */
export interface DownloadInput extends OnInstance {
  /** Entries of `files.up` that the instance downloads. */
  readonly sources: readonly { readonly from: string; readonly sha256?: string | undefined; readonly to: string }[];
  /** As in {@link StepInput}. */
  readonly gpus?: StepInput['gpus'];
}

/** Input of `sendFiles`. */
export interface SendInput extends OnInstance {
  readonly run: string;
  /** Which of several nodes it is. Absent if it is the only one. */
  readonly node?: number | undefined;
  /** Entries of `files.down` with `s3://` as their destination. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
}

/** What `sendFiles` sent. */
export interface Sent {
  readonly sent: readonly SentFiles[];
  /** What the instance did not have. */
  readonly missing: readonly string[];
}

/** Input of `runStep`. */
export interface StepInput extends OnInstance {
  readonly run: string;
  /** Which instance of the run. Default 0, the only or first one. */
  readonly node?: number | undefined;
  /** `container` prepares the {@link container}. */
  readonly step: 'container' | 'setup' | 'command';
  /** Which attempt of the command, from 1. Default 1. */
  readonly attempt?: number | undefined;
  /** In which setup and command run. Default: none. */
  readonly container?: InstanceContainer | undefined;
  /** Whether the script has a terminal. Default: none. */
  readonly tty?: boolean | undefined;
  /** For a shell; ends at the first line that fails. Not used for the step `container`. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where the step's output begins in the output of the attempt. */
  readonly outputOffset: number;
  /** GiB of the attempt's output that are stored, of this node. Default: all. */
  readonly maxOutput?: number | undefined;
  /** What `nvidia-smi` has to show before the step starts. Not checked when left out. */
  readonly gpus?: { readonly count: number; readonly hasDriver: boolean } | undefined;
  /** Whose instance it is. For metrics. */
  readonly vendor?: Vendor | undefined;
  /** When GPUs count as idle, and after how many seconds of that the run is sent a signal. */
  readonly idleGpu?: { readonly below: number; readonly forSeconds: number } | undefined;
}

/** Input of `restoreCheckpoint`. */
export interface CheckpointInput extends OnInstance {
  readonly run: string;
  /** On the instance. */
  readonly folder: string;
}

/** Input of `keepCheckpoints`. */
export interface KeepCheckpointsInput extends CheckpointInput {
  /** From the end of one save to the begin of the next. */
  readonly everySeconds: number;
}

/** The checkpoint that an instance now has. */
export interface RestoredCheckpoint {
  /** ISO 8601. */
  readonly savedAt: string;
}

/** Input of `sendSignal`. */
export interface StepSignal extends OnInstance {
  readonly step: 'setup' | 'command';
  /** Which attempt of the command, from 1. Default 1. */
  readonly attempt?: number | undefined;
  readonly signal: 'TERM' | 'KILL';
  /** Whether the step runs in the container of the instance. */
  readonly inContainer?: boolean | undefined;
}

/** How a script ended. */
export interface StepResult {
  /** From 0 to 255. Absent when the step vanished without one. */
  readonly exitCode?: number | undefined;
  /** What is known of the end of a step that vanished. */
  readonly vanished?: 'rebooted' | 'out-of-memory' | 'killed' | undefined;
  /** The kernel's line about that, without secrets. */
  readonly kernelSays?: string | undefined;
  /** What the instance said instead of an exit code: the beginning of it, without secrets and control characters. */
  readonly saidInstead?: string | undefined;
  /** Bytes of output. */
  readonly bytes: number;
  /** Seconds that all GPUs of the node were idle, by instance name. Absent without samples of them. */
  readonly idleSeconds?: Readonly<Record<string, number>> | undefined;
}

/** A job deployment to be made. Secrets by name only. */
export interface DeployInput extends InstanceRef {
  readonly offer: Offer;
  readonly container: JobContainer;
  readonly env: Readonly<Record<string, string>>;
  /** Names only. */
  readonly secrets: readonly string[];
  /** After these, kept within its own bounds, Verda ends the job by itself. */
  readonly maxSeconds: number;
}

/** Input of `awaitJobDeployment`. */
export interface AwaitJobDeploymentInput extends InstanceRef {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A job deployment that accepts jobs. */
export interface JobDeploymentReady {
  /** Where jobs are submitted. */
  readonly endpoint: string;
}

/** Input of `submitJob`. */
export interface SubmitInput extends InstanceRef {
  readonly endpoint: string;
  /** With its query, from the endpoint on. */
  readonly path: string;
  /** JSON that the job is posted with. */
  readonly payload: unknown;
}

/** A job that Verda has taken. */
export interface Submitted {
  /** Verda's id of the job. Only this response has it: without it the job's answer cannot be fetched. */
  readonly id: string;
}

/** Input of `awaitAnswer`. */
export interface AnswerInput extends InstanceRef {
  readonly run: string;
  readonly endpoint: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly submittedAt: number;
  /** Names of secrets that must not stand in what is stored. */
  readonly secrets: readonly string[];
}

/** The container has answered, and its answer is stored. */
export interface Answered {
  /** Whether the answer's status was 2xx. */
  readonly succeeded: boolean;
  /** Files that were stored, relative to the run's outputs. */
  readonly outputs: readonly string[];
}

/** Input of `destroyJobDeployment`. */
export interface RemoveJobDeploymentInput extends InstanceRef {
  /** As in {@link DestroyInput}. */
  readonly lastCreateAt?: number | undefined;
}
