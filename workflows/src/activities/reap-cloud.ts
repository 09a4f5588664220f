import type { Vendor } from '@gpu-clouds/clouds/pure';
import { ownersInTemporal, type ReapReport, reap } from '@gpu-clouds/jobs';
import { activityInfo, Context, metricMeter } from '@temporalio/activity';
import type { ReapInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { refuseOtherFleets } from './prepare-job.ts';

/** The clouds that the worker has accounts with. */
export function servedClouds(dependencies: Dependencies) {
  return async (fleet: string): Promise<readonly Vendor[]> => {
    refuseOtherFleets(dependencies, 'reaper', fleet);
    return [...dependencies.clouds.keys()];
  };
}

/** What an attempt may take before it reports: less than its timeout, so that the next run continues where this one stopped. */
const maxMs = 4 * 60_000;

/** Searches the lists of one cloud once, and destroys its orphans. */
export function reapCloud(dependencies: Dependencies) {
  return async ({ vendor, ...options }: ReapInput): Promise<ReapReport> => {
    refuseOtherFleets(dependencies, 'reaper', options.fleet);
    const { cancellationSignal, client } = Context.current();
    const signal = AbortSignal.any([cancellationSignal, AbortSignal.timeout(maxMs)]);
    // Temporal's clock: a worker's own may be off by hours.
    const now = activityInfo().currentAttemptScheduledTimestampMs;
    const findOwners = ownersInTemporal(client, () => now);
    const clouds = [cloudOf(dependencies, vendor)];
    const report = await withHeartbeats(() => reap({ ...options, clouds, findOwners, now, signal }));
    metricMeter
      .createGauge('gpu_clouds_reaper_alarms', 'int', undefined, "Resources that need a person's attention")
      .set(report.alarms.length, { vendor });
    return report;
  };
}
