import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { OrphansSince, ReapOrder, ReapReport } from '@gpu-clouds/jobs/contract';
import { isCancellation, setCurrentDetails, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { job as jobActivities, reaping } from './activity-proxies.ts';
import { summaryOf } from './failure-summary.ts';

// Always run the newest reaper. A versioning behavior may be set only if the workers have versions.
setWorkflowOptions(
  () => ({
    failureExceptionTypes: [Error],
    ...(workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' as const } : {}),
  }),
  reapOrphans,
);

/**
 * Polls the lists of all clouds that the worker has accounts with, and destroys what no live workflow owns or may own. The schedule passes
 * each run the result of the previous one, with the dates of its orphans.
 */
export async function reapOrphans({ fleet, ...options }: ReapOrder): Promise<ReapReport> {
  const before = lastOrphansSince();
  const vendors = await jobActivities.servedClouds(fleet);
  const reports = await Promise.all(
    vendors.map(async (vendor) => {
      const orphansSince = ofVendor(before, vendor);
      try {
        return await reaping(vendor).reapCloud({ ...options, fleet, vendor, orphansSince });
      } catch (error) {
        if (isCancellation(error)) throw error;
        return failedRun(vendor, orphansSince, summaryOf(error).message);
      }
    }),
  );
  const report = reports.reduce(merged, empty);
  setCurrentDetails(
    `${report.destroyed.length} destroyed, ${report.waiting.length} orphaned, ${report.alarms.length} alarms`,
  );
  return report;
}

const empty: ReapReport = { destroyed: [], waiting: [], alarms: [], wanted: [], failures: [], orphansSince: {} };

/** A cloud that could not be polled keeps its earlier orphans. */
function failedRun(vendor: Vendor, orphansSince: OrphansSince, message: string): ReapReport {
  return { ...empty, failures: [{ vendor, message }], orphansSince };
}

function merged(a: ReapReport, b: ReapReport): ReapReport {
  return {
    destroyed: [...a.destroyed, ...b.destroyed],
    waiting: [...a.waiting, ...b.waiting],
    alarms: [...a.alarms, ...b.alarms],
    wanted: [...a.wanted, ...b.wanted],
    failures: [...a.failures, ...b.failures],
    orphansSince: { ...a.orphansSince, ...b.orphansSince },
  };
}

function ofVendor(orphansSince: OrphansSince, vendor: Vendor): OrphansSince {
  return Object.fromEntries(Object.entries(orphansSince).filter(([key]) => key.startsWith(`${vendor}/`)));
}

function lastOrphansSince(): OrphansSince {
  const { lastResult } = workflowInfo();
  return isReport(lastResult) ? lastResult.orphansSince : {};
}

function isReport(value: unknown): value is ReapReport {
  return typeof value === 'object' && value !== null && 'orphansSince' in value;
}
