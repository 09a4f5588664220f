import type { Vendor } from '@gpu-clouds/clouds/pure';
import { type ReapReport, reap } from '@gpu-clouds/jobs';
import { wantedByTemporal } from '@gpu-clouds/jobs/worker';
import { Context } from '@temporalio/activity';
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

/** One look through a cloud's lists; Temporal says what is wanted. */
export function reapCloud(dependencies: Dependencies) {
  return async ({ vendor, ...options }: ReapInput): Promise<ReapReport> => {
    refuseOtherFleets(dependencies, 'reaper', options.fleet);
    const clouds = [cloudOf(dependencies, vendor)];
    const { now } = dependencies;
    const isWanted = wantedByTemporal(Context.current().client, now);
    return withHeartbeats(() => reap({ ...options, clouds, isWanted, now: now() }));
  };
}
