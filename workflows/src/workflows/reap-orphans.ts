import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { ReapOrder, ReapReport, Sightings } from '@gpu-clouds/jobs/contract';
import { isCancellation, setCurrentDetails, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { job as jobActivities, reaping } from './activity-proxies.ts';
import { storyOf } from './failure-story.ts';

// The newest reaper knows most. Only where workers have versions: the others may not name a behaviour.
setWorkflowOptions(
  () => ({
    failureExceptionTypes: [Error],
    ...(workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' as const } : {}),
  }),
  reapOrphans,
);

/**
 * Looks once through the lists of all clouds that the worker has accounts with, and destroys what no live workflow owns or may own any
 * more. The schedule hands each run the result of the one before, sightings included.
 */
export async function reapOrphans({ fleet, ...options }: ReapOrder): Promise<ReapReport> {
  const before = lastSightings();
  const vendors = await jobActivities.servedClouds(fleet);
  const reports = await Promise.all(
    vendors.map(async (vendor) => {
      const sightings = ofVendor(before, vendor);
      try {
        return await reaping(vendor).reapCloud({ ...options, fleet, vendor, sightings });
      } catch (error) {
        if (isCancellation(error)) throw error;
        return notLooked(vendor, sightings, storyOf(error).message);
      }
    }),
  );
  const report = reports.reduce(together, empty);
  setCurrentDetails(`${report.destroyed.length} destroyed, ${report.waiting.length} unclaimed`);
  return report;
}

const empty: ReapReport = { destroyed: [], waiting: [], wanted: [], failures: [], sightings: {} };

/** A cloud that could not be looked at tells nothing: what was seen in it before stays seen. */
function notLooked(vendor: Vendor, sightings: Sightings, message: string): ReapReport {
  return { ...empty, failures: [{ vendor, message }], sightings };
}

function together(a: ReapReport, b: ReapReport): ReapReport {
  return {
    destroyed: [...a.destroyed, ...b.destroyed],
    waiting: [...a.waiting, ...b.waiting],
    wanted: [...a.wanted, ...b.wanted],
    failures: [...a.failures, ...b.failures],
    sightings: { ...a.sightings, ...b.sightings },
  };
}

function ofVendor(sightings: Sightings, vendor: Vendor): Sightings {
  return Object.fromEntries(Object.entries(sightings).filter(([key]) => key.startsWith(`${vendor}/`)));
}

function lastSightings(): Sightings {
  const { lastResult } = workflowInfo();
  return isReport(lastResult) ? lastResult.sightings : {};
}

function isReport(value: unknown): value is ReapReport {
  return typeof value === 'object' && value !== null && 'sightings' in value;
}
