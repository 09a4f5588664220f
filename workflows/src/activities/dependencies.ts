import type { Cloud } from '@gpu-clouds/clouds';
import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { RunStore } from '@gpu-clouds/jobs';
import { ApplicationFailure } from '@temporalio/common';
import type { GpuGauges } from '../metrics/gpu-gauges.ts';
import type { Timing } from '../timing.ts';
import type { Account } from './account.ts';
import { finalFailure } from './failures.ts';
import type { JobBuckets } from './job-buckets.ts';
import type { JobSecret } from './job-secrets.ts';

/** What activities work with. */
export interface Dependencies {
  readonly clouds: ReadonlyMap<Vendor, Cloud>;
  readonly fleet: string;
  readonly runs: RunStore;
  readonly masterSecret: string;
  readonly secretFor: (name: string) => JobSecret;
  readonly buckets: JobBuckets;
  /** Whether webhooks may have private addresses and plain HTTP. */
  readonly notifyPrivate: boolean;
  readonly timing: Timing;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What this worker shares about each account. */
  readonly accountOf: (cloud: Cloud) => Account;
  readonly gpuGauges: GpuGauges;
}

/** Retryable: another worker may have the account. */
export function cloudOf({ clouds }: Dependencies, vendor: Vendor): Cloud {
  const cloud = clouds.get(vendor);
  if (cloud !== undefined) return cloud;
  throw ApplicationFailure.retryable(`This worker has no account with ${vendor}.`, 'no-account');
}

/** @throws ApplicationFailure, final: the job was checked for it before anything was rented. */
export function secretOf({ secretFor }: Dependencies, name: string): string {
  const secret = secretFor(name);
  if ('refusal' in secret) throw finalFailure('invalid', secret.refusal);
  return secret.value;
}
