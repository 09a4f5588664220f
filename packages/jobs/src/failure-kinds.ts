import type { CloudErrorKind } from '@gpu-clouds/clouds/pure';

/** What follows from a failure. */
export interface FailurePolicy {
  /** What happened, in a few words. */
  readonly meaning: string;
  /**
   * What the run does after its instance failed, or could not be rented, for this reason: `next-offer` tries the next offer,
   * `same-offer` the same one again, `new-offers` lists offers again, `next-cloud` leaves out the whole cloud, and `end-run` ends the run.
   */
  readonly next: 'next-offer' | 'same-offer' | 'new-offers' | 'next-cloud' | 'end-run';
  /** Whether the same call may succeed later, so that it is repeated before the policy applies. */
  readonly retryCall?: true | undefined;
  /** Whether somebody has to act. The worker logs the failure; others are an ordinary part of its work. */
  readonly alert?: true | undefined;
}

const cloudFailures = {
  'no-capacity': { meaning: 'no instance is available, or the offer is gone', next: 'next-offer' },
  quota: { meaning: "the account's limit is reached", next: 'next-cloud', alert: true },
  funds: { meaning: 'no money, or no payment method', next: 'end-run', alert: true },
  unauthorized: { meaning: 'missing or wrong credentials', next: 'next-cloud', alert: true },
  invalid: { meaning: 'the job or a request is wrong', next: 'end-run' },
  'rate-limited': { meaning: 'too many requests', next: 'next-offer', retryCall: true },
  unavailable: { meaning: 'the vendor or the network failed', next: 'next-offer', retryCall: true },
  'not-found': { meaning: 'the vendor does not know the resource', next: 'next-offer' },
  conflict: { meaning: 'not possible in the current state', next: 'next-offer', retryCall: true },
} as const satisfies Readonly<Record<CloudErrorKind, FailurePolicy>>;

const ownFailures = {
  'instance-failed': { meaning: 'the instance failed before it was ready', next: 'next-offer' },
  'never-ready': { meaning: 'the instance did not become ready in time', next: 'next-offer' },
  lost: { meaning: 'the instance is gone or stopped', next: 'next-offer' },
  preempted: { meaning: 'the vendor took back a spot instance', next: 'new-offers' },
  released: { meaning: 'someone else released the instance', next: 'next-offer' },
  'lease-ended': { meaning: 'the lease that the run used has ended', next: 'end-run' },
  unreachable: { meaning: 'SSH failed for too long', next: 'next-offer' },
  'wrong-host-key': { meaning: 'another host answers at the address', next: 'next-offer', alert: true },
  'gpu-unhealthy': { meaning: 'a GPU of the instance is missing or broken', next: 'next-offer', alert: true },
  'no-container-runtime': { meaning: 'no Docker or Podman that can use the GPUs', next: 'next-offer' },
  'input-unreachable': { meaning: 'the source of an input does not answer', next: 'next-offer' },
  budget: { meaning: "the fleet's budget has no room for it", next: 'end-run' },
  'over-budget': { meaning: "the fleet's budget is used up", next: 'end-run', alert: true },
  'timed-out': { meaning: 'Temporal ended a step or the run for its time', next: 'next-offer' },
  'price-exceeded': { meaning: 'the vendor charges more than the limit', next: 'end-run', alert: true },
  'submission-unknown': { meaning: 'the answer to a job submission was lost', next: 'same-offer' },
  'job-lost': { meaning: 'the job deployment or its job is gone', next: 'same-offer' },
  'no-offer': { meaning: 'no offer fits, or all of them failed', next: 'end-run' },
  'cap-reached': { meaning: '`maxDuration` or `maxCost` is used up', next: 'end-run' },
  'command-timeout': { meaning: 'the command exceeded `maxCommand`', next: 'end-run' },
  'image-pull-failed': { meaning: 'the image could not be pulled or started', next: 'end-run' },
  'idle-gpu': { meaning: 'all GPUs were idle for `idleGpu.for`', next: 'end-run' },
  'input-refused': { meaning: 'an input is missing, refused, or changed', next: 'end-run' },
  'output-refused': { meaning: 'a bucket of `files.down` took no file', next: 'end-run' },
  'setup-failed': { meaning: 'the setup failed or exceeded `maxSetup`', next: 'end-run' },
  'missing-output': { meaning: 'the command left no file of `files.down`', next: 'end-run' },
  vanished: { meaning: 'the command ended without an exit code', next: 'end-run' },
  'invalid-exit-code': { meaning: 'the exit code is not one', next: 'end-run' },
  'instance-refused': { meaning: 'the instance failed at a file or script', next: 'end-run' },
  'store-failed': { meaning: 'the run store does not work', next: 'end-run', alert: true },
  'id-taken': { meaning: 'an item of a batch: its id is in use', next: 'end-run' },
  stopped: { meaning: 'stopped on request', next: 'end-run' },
  cancelled: { meaning: 'cancelled on request', next: 'end-run' },
  terminated: { meaning: 'terminated in Temporal', next: 'end-run' },
  failed: { meaning: 'anything else, such as an internal error', next: 'end-run', alert: true },
} as const satisfies Readonly<Record<string, FailurePolicy>>;

/** Why a run, an instance, or an item of a batch failed. The list is stable. Kinds of `CloudError` keep their names and meaning. */
export type FailureKind = keyof typeof cloudFailures | keyof typeof ownFailures;

/** What follows from each kind of failure. The only place where this is decided. */
export const failurePolicies: Readonly<Record<FailureKind, FailurePolicy>> = { ...cloudFailures, ...ownFailures };

/** Why something failed: a stable kind, and one sentence without secrets. */
export interface FailureSummary {
  /** Stable. {@link failurePolicies} says what follows from it. */
  readonly kind: FailureKind;
  /** One sentence without secrets. */
  readonly message: string;
}

/**
 * Returns the failure kind that a Temporal failure has as its type.
 * @param otherwise The kind of a failure with any other type, such as the name of an internal error.
 */
export function failureKindOf(type: string | null | undefined, otherwise: FailureKind = 'failed'): FailureKind {
  return isFailureKind(type) ? type : otherwise;
}

function isFailureKind(type: string | null | undefined): type is FailureKind {
  return typeof type === 'string' && Object.hasOwn(failurePolicies, type);
}
