import type { LedgerInstance, LedgerJobDeployment, LedgerVolume } from '@gpu-clouds/simulators';
import { grouped } from './grouped.ts';
import { capOf } from './job-of-run.ts';
import type { RunRecord } from './run-record.ts';

/** A resource that is billed by the hour. */
export type BilledItem = LedgerInstance | LedgerJobDeployment;

/** A time range in which teardown was impossible, because the server or a worker was down. In milliseconds since the epoch. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  /** The reaper ran meanwhile, so deadlines held. */
  readonly reaperRuns?: boolean | undefined;
}

/** When something was created and deleted, in ISO 8601. */
export interface Lifetime {
  readonly createdAt: string;
  readonly goneAt?: string | undefined;
}

/** Time that an instance may bill beyond its cap, in addition to outages: for heartbeat timeouts and failed deletes. */
export const toleranceSeconds = 120;

/** Returns the cost beyond the cap. Includes disks, which some vendors list and bill separately. */
export function overCap(
  { plan }: RunRecord,
  instances: readonly BilledItem[],
  volumes: readonly LedgerVolume[],
  outages: readonly Outage[],
): number {
  const disksOf = grouped(volumes, ({ name: instanceName }) => instanceName);
  const priceOf = ({ name: instanceName, highestPricePerHour }: BilledItem) =>
    (disksOf.get(instanceName) ?? []).reduce((sum, { pricePerHour }) => sum + pricePerHour, highestPricePerHour);
  const highestPrice = Math.max(0, ...instances.map(priceOf));
  const billed = [...instances, ...volumes].reduce((sum, { dollars }) => sum + dollars, 0);
  const tolerance = ((toleranceSeconds + secondsOut(instances, outages)) / 3600) * highestPrice;
  return Math.max(0, billed - capOf(plan, highestPrice) - tolerance);
}

/** Returns the seconds of outages while the instances existed. */
export function secondsOut(instances: readonly Lifetime[], outages: readonly Outage[]): number {
  const from = Math.min(...instances.map(({ createdAt }) => Date.parse(createdAt)));
  const to = Math.max(...instances.map(({ goneAt }) => (goneAt === undefined ? Date.now() : Date.parse(goneAt))));
  const milliseconds = outages.reduce(
    (sum, outage) => sum + Math.max(0, Math.min(outage.to, to) - Math.max(outage.from, from)),
    0,
  );
  return milliseconds / 1000;
}
