import type { Cloud } from '@gpu-clouds/clouds';
import type { Vendor } from '@gpu-clouds/clouds/pure';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { masterKeys } from '@gpu-clouds/jobs/worker';
import { GpuGauges } from '../metrics/gpu-gauges.ts';
import { defaultTiming, type Timing } from '../timing.ts';
import { Account } from './account.ts';
import { awaitAnswer } from './await-answer.ts';
import { awaitClosed } from './await-closed.ts';
import { awaitRunning, watchInstance } from './await-instance.ts';
import { awaitSsh } from './await-ssh.ts';
import { dropCheckpoints, keepCheckpoints, restoreCheckpoint } from './checkpoints.ts';
import { createInstance } from './create-instance.ts';
import type { Dependencies } from './dependencies.ts';
import { destroyInstance, destroyJobDeployment } from './destroy-instance.ts';
import { downloadFiles } from './download-files.ts';
import { earlierInstance } from './earlier-instance.ts';
import { evictRun } from './evict-run.ts';
import { findOffers } from './find-offers.ts';
import { followRuns } from './follow-runs.ts';
import { type JobBucketOptions, jobBuckets } from './job-buckets.ts';
import { awaitJobDeployment, createJobDeployment, findJobOffers, submitJob } from './job-deployments.ts';
import { type JobSecretOptions, jobSecrets } from './job-secrets.ts';
import { prepareJob } from './prepare-job.ts';
import { reapCloud, servedClouds } from './reap-cloud.ts';
import { runStep } from './run-step.ts';
import { sendFiles } from './send-files.ts';
import { sendNotification } from './send-notification.ts';
import { sendSignal } from './send-signal.ts';
import { temporalNow } from './temporal-now.ts';
import { collectFiles, uploadFiles } from './transfer-files.ts';
import { watchIdleness } from './watch-idleness.ts';

/** Options of {@link createActivities}: accounts, secrets, and the run store. */
export interface ActivityOptions extends JobSecretOptions, JobBucketOptions {
  /** The accounts that jobs may use. */
  readonly clouds: ReadonlyMap<Vendor, Cloud>;
  /**
   * 32 random bytes in base64, or several of them separated by commas, newest first. All workers of a fleet need the same value, because the
   * SSH keys of instances are derived from it. A password of at least 16 characters is stretched at start.
   */
  readonly masterSecret: string;
  /** Name of the fleet, such as {@link namespaceFleet} returns. Jobs of other fleets are rejected. */
  readonly fleet: string;
  /**
   * The run store. Workers need the same one to continue each other's runs. Default: `.gpu-clouds/runs` in the working directory;
   * for `createWorkers` and `runWorker`, the environment variable `GPU_CLOUDS_RUNS` overrides it.
   */
  readonly runs?: RunStore | undefined;
  /** Whether webhooks of `notify` may have private addresses and plain HTTP. Default: whether `GPU_CLOUDS_NOTIFY_PRIVATE` is 1. */
  readonly notifyPrivate?: boolean | undefined;
  /** Overrides of the default timeouts and intervals. */
  readonly timing?: Partial<Timing> | undefined;
  /** Returns the current time in milliseconds since the epoch. Default: Temporal's time, whatever the clock of this machine says. */
  readonly now?: () => number;
}

/**
 * Creates the activities for your own worker. Each group belongs on its own task queue: see {@link JobActivities}, {@link VendorActivities},
 * {@link WatchActivities} and {@link FollowActivities}.
 * @throws {MasterSecretError} The master secret is too short.
 */
export function createActivities(options: ActivityOptions) {
  // Stretches passwords now, and not while an instance bills.
  masterKeys(options.masterSecret);
  const timing = { ...defaultTiming, ...options.timing };
  const accounts = new Map([...options.clouds.values()].map((cloud) => [cloud, new Account(cloud, timing)]));
  const runs = options.runs ?? localRunStore();
  const dependencies: Dependencies = {
    clouds: options.clouds,
    masterSecret: options.masterSecret,
    fleet: options.fleet,
    runs,
    secretFor: jobSecrets(options),
    buckets: jobBuckets(options, runs),
    notifyPrivate: options.notifyPrivate ?? (options.env ?? process.env).GPU_CLOUDS_NOTIFY_PRIVATE === '1',
    timing,
    now: options.now ?? temporalNow,
    accountOf: (cloud) => accounts.get(cloud) ?? new Account(cloud, timing),
    gpuGauges: new GpuGauges(),
  };
  return {
    /** On `gpu-clouds`, beside the workflows. */
    job: {
      prepareJob: prepareJob(dependencies),
      outputSize: (run: string, node = 0, attempt = 1) => dependencies.runs.outputSize({ run, node, attempt }),
      servedClouds: servedClouds(dependencies),
      followRuns: followRuns(dependencies),
      awaitClosed: awaitClosed(dependencies),
      earlierInstance,
      sendNotification: sendNotification(dependencies),
    },
    /** On `gpu-clouds-<vendor>`. */
    vendor: {
      findOffers: findOffers(dependencies),
      createInstance: createInstance(dependencies),
      destroyInstance: destroyInstance(dependencies),
      findJobOffers: findJobOffers(dependencies),
      createJobDeployment: createJobDeployment(dependencies),
      submitJob: submitJob(dependencies),
      destroyJobDeployment: destroyJobDeployment(dependencies),
      reapCloud: reapCloud(dependencies),
    },
    /** On `gpu-clouds-<vendor>-watch`. */
    watch: {
      awaitRunning: awaitRunning(dependencies),
      watchInstance: watchInstance(dependencies),
      awaitJobDeployment: awaitJobDeployment(dependencies),
      awaitAnswer: awaitAnswer(dependencies),
    },
    /** On `gpu-clouds-follow`. */
    follow: {
      awaitSsh: awaitSsh(dependencies),
      uploadFiles: uploadFiles(dependencies),
      downloadFiles: downloadFiles(dependencies),
      sendFiles: sendFiles(dependencies),
      runStep: runStep(dependencies),
      sendSignal: sendSignal(dependencies),
      collectFiles: collectFiles(dependencies),
      keepCheckpoints: keepCheckpoints(dependencies),
      restoreCheckpoint: restoreCheckpoint(dependencies),
      dropCheckpoints: dropCheckpoints(dependencies),
      evictRun: evictRun(dependencies),
      watchIdleness: watchIdleness(dependencies),
    },
  };
}

/** The activities that {@link createActivities} returns, grouped by task queue. */
export type Activities = ReturnType<typeof createActivities>;
/** Activities of the task queue `gpu-clouds`, which also runs the workflows. */
export type JobActivities = Activities['job'];
/** Activities of the task queues `gpu-clouds-<vendor>`, which are rate-limited. */
export type VendorActivities = Activities['vendor'];
/** Activities of the task queues `gpu-clouds-<vendor>-watch`. Each holds a slot while it watches an instance or a job deployment. */
export type WatchActivities = Activities['watch'];
/** Activities of the task queue `gpu-clouds-follow`. Following a command holds a slot until the command ends. */
export type FollowActivities = Activities['follow'];
