import type { Vendor } from '@gpu-clouds/clouds/pure';
import { taskQueues } from '@gpu-clouds/jobs/contract';
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type {
  FollowActivities,
  JobActivities,
  VendorActivities,
  WatchActivities,
} from '../activities/create-activities.ts';

/** For what takes effect at a vendor or on an instance: a cancelled workflow waits for how it ended, so that cleanup never overtakes it. */
const waitForTheEnd = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;
/** For what only looks. */
const letGo = { cancellationType: ActivityCancellationType.TRY_CANCEL } as const;
const patient = { initialInterval: '1s', maximumInterval: '30s' } as const;

export const job = proxyActivities<Omit<JobActivities, 'followRuns'>>({
  ...letGo,
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '30s',
  heartbeatTimeout: '30s',
  retry: patient,
});

/** Waits for runs of a batch, which may take days. */
export const following = proxyActivities<Pick<JobActivities, 'followRuns'>>({
  ...letGo,
  summary: 'Wait for runs that were started before',
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '1d',
  heartbeatTimeout: '30s',
  retry: patient,
});

/** Lists offers. One vendor that does not answer must not hold up the others. */
export const offers = (vendor: Vendor) =>
  proxyActivities<Pick<VendorActivities, 'findOffers' | 'findJobOffers'>>({
    ...letGo,
    summary: `Offers of ${vendor}`,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '30s',
    heartbeatTimeout: '30s',
    scheduleToCloseTimeout: '60s',
    retry: { maximumAttempts: 3, initialInterval: '1s' },
  });

/**
 * Creates. After ten attempts, of which a worker's end costs one each, the next offer is tried. The time of one attempt has to hold
 * a long create (TensorDock) and the looks at a lagging list after it.
 */
export const creation = (vendor: Vendor, summary: string) =>
  proxyActivities<Pick<VendorActivities, 'createInstance'>>({
    ...waitForTheEnd,
    summary,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '15m',
    heartbeatTimeout: '20s',
    retry: { maximumAttempts: 10, initialInterval: '1s', maximumInterval: '15s' },
  });

/** Makes a job deployment, or submits its job; after ten attempts the next offer is tried. */
export const deploying = (vendor: Vendor, summary: string) =>
  proxyActivities<Pick<VendorActivities, 'createJobDeployment' | 'submitJob'>>({
    ...waitForTheEnd,
    summary,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '5m',
    heartbeatTimeout: '20s',
    retry: { maximumAttempts: 10, initialInterval: '1s', maximumInterval: '15s' },
  });

/** Looks on, for as long as an instance lives. */
export const waiting = (vendor: Vendor) =>
  proxyActivities<WatchActivities>({
    ...letGo,
    summary: `Watch the instance at ${vendor}`,
    taskQueue: taskQueues.watch(vendor),
    startToCloseTimeout: '30d',
    heartbeatTimeout: '20s',
    retry: patient,
  });

/** Never gives up: no limit of attempts and no end of the time for all of them. */
export const teardown = (vendor: Vendor, summary: string) =>
  proxyActivities<Pick<VendorActivities, 'destroyInstance' | 'destroyJobDeployment'>>({
    ...waitForTheEnd,
    summary,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '1h',
    heartbeatTimeout: '20s',
    retry: patient,
  });

/** One look through a cloud's lists. The next run of the reaper looks again, so that this one need not insist. */
export const reaping = (vendor: Vendor) =>
  proxyActivities<Pick<VendorActivities, 'reapCloud'>>({
    ...waitForTheEnd,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '5m',
    heartbeatTimeout: '20s',
    scheduleToCloseTimeout: '6m',
    retry: { maximumAttempts: 3, initialInterval: '1s' },
  });

export const probe = proxyActivities<Pick<FollowActivities, 'awaitSsh'>>({
  ...letGo,
  summary: 'Wait until SSH answers',
  taskQueue: taskQueues.follow,
  startToCloseTimeout: '1h',
  heartbeatTimeout: '20s',
  retry: patient,
});

/** What happens on an instance. It ends with the instance, so that attempts need no limit. */
export const onInstance = proxyActivities<Omit<FollowActivities, 'awaitSsh'>>({
  ...waitForTheEnd,
  taskQueue: taskQueues.follow,
  startToCloseTimeout: '30d',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
});
