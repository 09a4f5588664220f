import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { InstanceAlarms, LeaseSummary } from '@gpu-clouds/jobs';

/** Returns a sentence for each alarm of an instance that has not ended: what may bill, and what to check. */
export function alarmsOf(
  instanceName: string,
  vendor: Vendor | undefined,
  { teardownStuckSince, accountSuspectSince }: InstanceAlarms,
): readonly string[] {
  const cloud = vendor ?? 'its cloud';
  return [
    ...(teardownStuckSince === undefined
      ? []
      : [
          `The teardown of ${instanceName} began at ${teardownStuckSince} and has not ended. It may still bill: look for it in the console of ${cloud}.`,
        ]),
    ...(accountSuspectSince === undefined
      ? []
      : [
          `All instances of ${cloud} vanished at once at ${accountSuspectSince}. Check that the workers' credentials belong to this account.`,
        ]),
  ];
}

/** Returns a sentence for each alarm of a lease. Only leases that have not ended have alarms. */
export function leaseAlarms(lease: LeaseSummary): readonly string[] {
  return alarmsOf(lease.id, lease.vendor, lease);
}
