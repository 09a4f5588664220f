import type { Vendor } from '@gpu-clouds/clouds/pure';
import { taskQueues } from '@gpu-clouds/jobs/contract';
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type {
  FollowActivities,
  JobActivities,
  VendorActivities,
  WatchActivities,
} from '../activities/create-activities.ts';

/** For activities that have an effect: a cancelled workflow waits until they have ended, so that cleanup never overtakes them. */
const waitOnCancel = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;
/** For activities that only read. */
const abandonOnCancel = { cancellationType: ActivityCancellationType.TRY_CANCEL } as const;
const patient = { initialInterval: '1s', maximumInterval: '30s' } as const;

export const job = proxyActivities<Omit<JobActivities, 'followRuns' | 'awaitClosed' | 'sendNotification'>>({
  ...abandonOnCancel,
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '30s',
  heartbeatTimeout: '30s',
  retry: patient,
});

/** Waits for runs of a batch, which may take days. */
export const following = proxyActivities<Pick<JobActivities, 'followRuns'>>({
  ...abandonOnCancel,
  summary: 'Wait for runs of an earlier execution',
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '1d',
  heartbeatTimeout: '30s',
  retry: patient,
});

/** Polls until one of some workflows has closed. Pauses are between the attempts, which need no events and no slot. */
export const closing = proxyActivities<Pick<JobActivities, 'awaitClosed'>>({
  ...abandonOnCancel,
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '30s',
  retry: patient,
});

/** Tries for a day. One attempt may take ten seconds. */
export const notifying = (name: string) =>
  proxyActivities<Pick<JobActivities, 'sendNotification'>>({
    ...abandonOnCancel,
    summary: `Notify ${name}`,
    taskQueue: taskQueues.workflows,
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '1d',
    retry: { initialInterval: '5s', maximumInterval: '1h' },
  });

/** Lists offers. A vendor that does not answer must not delay the others. */
export const offers = (vendor: Vendor) =>
  proxyActivities<Pick<VendorActivities, 'findOffers' | 'findJobOffers'>>({
    ...abandonOnCancel,
    summary: `Offers of ${vendor}`,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '30s',
    heartbeatTimeout: '30s',
    scheduleToCloseTimeout: '60s',
    retry: { maximumAttempts: 3, initialInterval: '1s' },
  });

/** Polls for an offer until there is one. Pauses are between the attempts, which need no events and no slot. */
export const awaitedOffers = (vendor: Vendor, timeoutMs: number) =>
  proxyActivities<Pick<VendorActivities, 'findOffers' | 'findJobOffers'>>({
    ...abandonOnCancel,
    summary: `Wait for an offer of ${vendor}`,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '30s',
    heartbeatTimeout: '30s',
    scheduleToCloseTimeout: timeoutMs,
  });

/**
 * Creates an instance. After ten attempts, the next offer is tried. A worker that ends uses up one attempt. One attempt must have time for a
 * long create and for the polls of a lagging list after it.
 */
export const creation = (vendor: Vendor, summary: string) =>
  proxyActivities<Pick<VendorActivities, 'createInstance'>>({
    ...waitOnCancel,
    summary,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '15m',
    heartbeatTimeout: '20s',
    retry: { maximumAttempts: 10, initialInterval: '1s', maximumInterval: '15s' },
  });

/** Creates a job deployment or submits its job. After ten attempts, the next offer is tried. */
export const deploying = (vendor: Vendor, summary: string) =>
  proxyActivities<Pick<VendorActivities, 'createJobDeployment' | 'submitJob'>>({
    ...waitOnCancel,
    summary,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '5m',
    heartbeatTimeout: '20s',
    retry: { maximumAttempts: 10, initialInterval: '1s', maximumInterval: '15s' },
  });

/** Watches an instance for as long as it exists. */
export const waiting = (vendor: Vendor) =>
  proxyActivities<WatchActivities>({
    ...abandonOnCancel,
    summary: `Watch the instance at ${vendor}`,
    taskQueue: taskQueues.watch(vendor),
    startToCloseTimeout: '30d',
    heartbeatTimeout: '20s',
    retry: patient,
  });

/** Never gives up: there is no limit on attempts or on their total time. */
export const teardown = (vendor: Vendor, summary: string) =>
  proxyActivities<Pick<VendorActivities, 'destroyInstance' | 'destroyJobDeployment'>>({
    ...waitOnCancel,
    summary,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '1h',
    heartbeatTimeout: '20s',
    retry: patient,
  });

/** Polls a cloud's lists once. Few attempts are enough, because the next run of the reaper polls again. */
export const reaping = (vendor: Vendor) =>
  proxyActivities<Pick<VendorActivities, 'reapCloud'>>({
    ...waitOnCancel,
    taskQueue: taskQueues.vendor(vendor),
    startToCloseTimeout: '5m',
    heartbeatTimeout: '20s',
    scheduleToCloseTimeout: '6m',
    retry: { maximumAttempts: 3, initialInterval: '1s' },
  });

export const probe = proxyActivities<Pick<FollowActivities, 'awaitSsh'>>({
  ...abandonOnCancel,
  summary: 'Wait until SSH answers',
  taskQueue: taskQueues.follow,
  startToCloseTimeout: '1h',
  heartbeatTimeout: '20s',
  retry: patient,
});

/** Works on an instance. Cancelled when the instance ends, so attempts need no limit. */
export const onInstance = proxyActivities<Omit<FollowActivities, 'awaitSsh' | 'watchIdleness'>>({
  ...waitOnCancel,
  taskQueue: taskQueues.follow,
  startToCloseTimeout: '30d',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
});

/** Watches the use of a leased instance. Pauses are within the activity, which heartbeats, so that they need no events. */
export const watching = proxyActivities<Pick<FollowActivities, 'watchIdleness'>>({
  ...abandonOnCancel,
  summary: 'Watch whether the instance is used',
  taskQueue: taskQueues.follow,
  startToCloseTimeout: '30d',
  heartbeatTimeout: '20s',
  retry: patient,
});
