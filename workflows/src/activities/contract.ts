/** Inputs and outputs of activities: all that workflows and activities know of each other. Plain JSON, no secrets. */
import type { Offer, OfferConstraints, SshAddress, Vendor } from '@gpu-clouds/clouds/pure';
import type { BatchItemEnd } from '../batch-status.ts';
import type { JobContainer } from '../job/container-schema.ts';
import type { Job } from '../job/job-schema.ts';
import type { Sightings } from '../reap/reap.ts';

export interface MachineRef {
  readonly vendor: Vendor;
  /** Name of the machine with the cloud; tells ownership. */
  readonly label: string;
}

export interface CreateInput extends MachineRef {
  readonly offer: Offer;
  readonly image?: string;
  readonly storage?: number;
}

/** Ids are absent when it was cancelled before anything was sent. */
export interface Created {
  readonly instanceId?: string;
  readonly keyId?: string;
}

/** First of the details of the failure of `createInstance`. */
export interface CreateFailureDetails {
  /** False: there is certainly nothing but what the ids name. */
  readonly mayHaveTakenEffect: boolean;
  readonly keyId?: string;
}

export interface AwaitInput extends MachineRef {
  readonly instanceId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface Running {
  readonly ssh: SshAddress;
  readonly pricePerHour?: number;
  readonly volumeIds: readonly string[];
}

export interface DestroyInput extends MachineRef {
  readonly instanceId?: string;
  readonly keyId?: string;
  readonly volumeIds: readonly string[];
  /**
   * Milliseconds since the epoch: until a while after this, "not listed" does not mean "not there". Absent when it is certain that
   * there is nothing but what the ids name.
   */
  readonly lastCreateAt?: number;
}

/** How a machine was lost. */
export interface Lost {
  readonly message: string;
}

export interface PrepareInput {
  readonly deployment: string;
  readonly job: Job;
}

export interface ReapInput {
  readonly vendor: Vendor;
  readonly deployment: string;
  readonly sightings: Sightings;
  readonly graceMs?: number;
  readonly dryRun?: boolean;
}

export interface FollowRunsInput {
  /** Id of the batch whose runs they have to be. */
  readonly batch: string;
  readonly ids: readonly string[];
}

export interface RunEnd {
  readonly id: string;
  readonly end: BatchItemEnd;
}

export interface OffersInput {
  readonly vendor: Vendor;
  readonly constraints: OfferConstraints;
}

/** A machine that answered over SSH. */
export interface Machine {
  readonly label: string;
  readonly ssh: SshAddress;
  /** Pinned on first sight: `SHA256:…`. */
  readonly hostKey: string;
}

export interface SshProbeInput extends MachineRef {
  readonly ssh: SshAddress;
  readonly createdAt: number;
}

export interface TransferInput {
  readonly run: string;
  readonly machine: Machine;
  readonly files: readonly { readonly from: string; readonly to: string }[];
}

export interface Collected {
  /** Files and folders, relative to the run's outputs. */
  readonly outputs: readonly string[];
  /** What the machine did not have. */
  readonly missing: readonly string[];
}

export interface StepInput {
  readonly run: string;
  /** Which machine of the run. Default 0, the only or first one. */
  readonly node?: number;
  readonly machine: Machine;
  readonly step: 'setup' | 'command';
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names only. */
  readonly secrets: readonly string[];
  /** Where the step's output begins in the run's output. */
  readonly outputOffset: number;
}

export interface CheckpointInput {
  readonly run: string;
  readonly machine: Machine;
  /** On the machine. */
  readonly folder: string;
}

export interface KeepCheckpointsInput extends CheckpointInput {
  readonly everySeconds: number;
}

export interface RestoredCheckpoint {
  /** ISO 8601. */
  readonly savedAt: string;
}

export interface StepSignal {
  readonly machine: Machine;
  readonly step: 'setup' | 'command';
  readonly signal: 'TERM' | 'KILL';
}

export interface StepResult {
  /** Absent when the step vanished without one: the machine was restarted, or out of memory. */
  readonly exitCode?: number;
  /** Bytes of output. */
  readonly bytes: number;
}

/** A job deployment to be made. Secrets by name only. */
export interface DeployInput extends MachineRef {
  readonly offer: Offer;
  readonly container: JobContainer;
  readonly env: Readonly<Record<string, string>>;
  /** Names only. */
  readonly secrets: readonly string[];
  readonly maxSeconds: number;
}

export interface AwaitDeploymentInput extends MachineRef {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface DeploymentReady {
  /** Where jobs are submitted. */
  readonly endpoint: string;
}

export interface SubmitInput extends MachineRef {
  readonly endpoint: string;
  readonly path: string;
  readonly payload: unknown;
}

export interface Submitted {
  readonly id: string;
}

export interface AnswerInput extends MachineRef {
  readonly run: string;
  readonly endpoint: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly submittedAt: number;
  /** Names of secrets that must not stand in what is stored. */
  readonly secrets: readonly string[];
}

export interface Answered {
  readonly succeeded: boolean;
  /** Files that were stored, relative to the run's outputs. */
  readonly outputs: readonly string[];
}

export interface RemoveDeploymentInput extends MachineRef {
  /** As in {@link DestroyInput}. */
  readonly lastCreateAt?: number;
}
