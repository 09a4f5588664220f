import type { Vendor } from '@gpu-clouds/clouds/pure';
import { openRunStore } from '@gpu-clouds/jobs';
import { taskQueues } from '@gpu-clouds/jobs/contract';
import { Client } from '@temporalio/client';
import { type InjectedSinks, type NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { meteredCloud } from '../metrics/metered-cloud.ts';
import { TeardownWatch } from '../metrics/teardown-watch.ts';
import { keepRuns, keepSecondsIn } from '../runs/retention.ts';
import type { TracingSinks } from '../tracing/workflow-interceptors.ts';
import { workerFleet } from './worker-fleet.ts';
import { defaultActivitiesPerSecond, defaultActivitySlots, type WorkerGroupOptions } from './worker-options.ts';
import { workflowCode } from './workflow-code.ts';

/** Workers of all task queues in this process. */
export interface WorkerGroup {
  /** Runs until {@link WorkerGroup.shutdown}, SIGINT or SIGTERM, then lets running activities end. Rejects when a worker fails. */
  run(): Promise<void>;
  /** Stops polling and lets running activities end, so that {@link WorkerGroup.run} returns. Returns at once; safe to call twice. */
  shutdown(): void;
  /** Whether all task queues are polled: true from {@link WorkerGroup.run} until a shutdown begins. */
  polling(): boolean;
}

/** Name of the Temporal worker deployment that versioned workers belong to. */
export const workerDeploymentName = 'gpu-clouds';

/**
 * Creates workers for all task queues on one connection. The caller closes the connection.
 * @throws {MasterSecretError} The master secret is too short.
 * @throws {RangeError} `GPU_CLOUDS_KEEP` is not a duration.
 */
export async function createWorkers(connection: NativeConnection, options: WorkerGroupOptions): Promise<WorkerGroup> {
  const meter = Runtime.instance().metricMeter;
  const teardowns = new TeardownWatch();
  const metered = [...options.clouds].map(([vendor, cloud]) => [vendor, meteredCloud(cloud, meter)] as const);
  const { env = process.env } = options;
  const runs = options.runs ?? (await openRunStore(env.GPU_CLOUDS_RUNS || '.gpu-clouds/runs', env));
  const keepSeconds = keepSecondsIn(env);
  const namespace = options.namespace ?? 'default';
  const fleet = await workerFleet(options, connection);
  const activities = createActivities({ ...options, fleet, runs, clouds: new Map(metered) });
  const shared = {
    connection,
    namespace,
    shutdownGraceTime: options.shutdownGraceMs ?? 10_000,
    shutdownForceTime: (options.shutdownGraceMs ?? 10_000) + 60_000,
    // How long a cancellation takes to reach an activity.
    maxHeartbeatThrottleInterval: '2s',
    dataConverter: options.dataConverter ?? {},
    sinks: options.tracing?.sinks ?? untraced,
    ...versioned(options.buildId),
    ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
  } satisfies Partial<WorkerOptions>;
  const code: ReturnType<typeof workflowCode> =
    options.workflowBundle === undefined
      ? workflowCode(options.dataConverter)
      : { workflowBundle: options.workflowBundle };
  const traced = options.tracing === undefined ? [] : [options.tracing.activity];
  const maxConcurrentActivityTaskExecutions = options.activitySlots ?? defaultActivitySlots;
  const pending = [
    Worker.create({
      ...shared,
      ...code,
      taskQueue: taskQueues.workflows,
      activities: activities.job,
      interceptors: { ...code.interceptors, activity: traced },
    }),
    Worker.create({
      ...shared,
      interceptors: { activity: traced },
      taskQueue: taskQueues.follow,
      activities: activities.follow,
      maxConcurrentActivityTaskExecutions,
    }),
    ...[...options.clouds.keys()].flatMap((vendor) => [
      Worker.create({
        ...shared,
        taskQueue: taskQueues.vendor(vendor),
        activities: activities.vendor,
        interceptors: { activity: [...traced, teardowns.interceptor] },
        maxConcurrentActivityTaskExecutions,
        maxTaskQueueActivitiesPerSecond: rateOf(vendor, options),
      }),
      // No limit a second: all who watch instances share one list call, at a pace of its own, and what else they ask waits its turn in the client.
      Worker.create({
        ...shared,
        interceptors: { activity: traced },
        taskQueue: taskQueues.watch(vendor),
        activities: activities.watch,
        maxConcurrentActivityTaskExecutions,
      }),
    ]),
  ];
  const workers = await Promise.all(pending);
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    run: async () => {
      const stopReporting = teardowns.report(meter);
      const ended = new AbortController();
      const pruning =
        keepSeconds &&
        keepRuns({
          client: new Client({ connection, namespace: shared.namespace, dataConverter: shared.dataConverter }),
          runs,
          keepSeconds,
          onFailure: (error) =>
            Runtime.instance().logger.warn('Old runs could not be removed', { error: String(error) }),
          signal: ended.signal,
        });
      await runTogether(workers, shutdown).finally(() => {
        stopReporting();
        ended.abort();
      });
      await pruning;
    },
    shutdown,
    polling: () => workers.every((worker) => worker.getState() === 'RUNNING'),
  };
}

/** A run that its client traces may come to a worker that does not. */
const untraced: InjectedSinks<TracingSinks> = { gpuCloudsTracing: { runEnded: { fn: () => undefined } } };

/** One that fails takes the others with it: half a worker would leave instances waiting for their teardown. */
async function runTogether(workers: readonly Worker[], shutdown: () => void): Promise<void> {
  const outcomes = await Promise.allSettled(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } finally {
        shutdown();
      }
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** On all task queues: what a pinned run asks for goes to workers of its version, wherever those have the queue. */
function versioned(buildId: string | undefined): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === undefined) return {};
  const version = { deploymentName: workerDeploymentName, buildId };
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  };
}

function rateOf(vendor: Vendor, { activitiesPerSecond }: WorkerGroupOptions): number {
  if (typeof activitiesPerSecond === 'number') return activitiesPerSecond;
  return activitiesPerSecond?.[vendor] ?? defaultActivitiesPerSecond[vendor];
}
