import { type Cloud, InstancePoller } from '@gpu-clouds/clouds';
import type { Vendor } from '@gpu-clouds/clouds/pure';
import { localRuns, type RunStore } from '@gpu-clouds/jobs';
import { checkMasterSecret } from '@gpu-clouds/jobs/worker';
import { defaultTiming, type Timing } from '../timing.ts';
import { awaitAnswer } from './await-answer.ts';
import { awaitRunning, watchInstance } from './await-instance.ts';
import { awaitSsh } from './await-ssh.ts';
import { dropCheckpoints, keepCheckpoints, restoreCheckpoint } from './checkpoints.ts';
import { createInstance } from './create-instance.ts';
import type { Dependencies } from './dependencies.ts';
import { destroyInstance, destroyJobDeployment } from './destroy-instance.ts';
import { findOffers } from './find-offers.ts';
import { followRuns } from './follow-runs.ts';
import { awaitJobDeployment, createJobDeployment, findJobOffers, submitJob } from './job-deployments.ts';
import { type JobSecretOptions, jobSecrets } from './job-secrets.ts';
import { prepareJob } from './prepare-job.ts';
import { reapCloud, servedClouds } from './reap-cloud.ts';
import { runStep } from './run-step.ts';
import { sendSignal } from './send-signal.ts';
import { collectFiles, uploadFiles } from './transfer-files.ts';

/** What the activities work with: accounts, secrets, and the place for output and files. */
export interface ActivityOptions extends JobSecretOptions {
  /** The accounts that jobs may use. */
  readonly clouds: ReadonlyMap<Vendor, Cloud>;
  /** At least 16 characters, the same for all workers of the fleet: the SSH keys of instances are derived from it. */
  readonly masterSecret: string;
  /** Names the fleet; jobs of another one are refused. Default `default`. */
  readonly fleet?: string;
  /**
   * Where output and collected files go. The same for all workers, if any of them shall go on where another stopped. Default: the place that
   * `GPU_CLOUDS_RUNS` names to a worker, else `.gpu-clouds/runs` in the working directory.
   */
  readonly runs?: RunStore;
  /** How long things take; tests make them short. */
  readonly timing?: Partial<Timing>;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * The activities, for a worker of one's own. Each belongs on a task queue: see {@link JobActivities}, {@link VendorActivities},
 * {@link WatchActivities} and {@link FollowActivities}.
 * @throws MasterSecretError
 */
export function createActivities(options: ActivityOptions) {
  checkMasterSecret(options.masterSecret);
  const timing = { ...defaultTiming, ...options.timing };
  const pollers = new Map<Cloud, InstancePoller>();
  for (const cloud of options.clouds.values()) {
    pollers.set(cloud, new InstancePoller(cloud, { intervalMs: timing.pollIntervalMs }));
  }
  const dependencies: Dependencies = {
    clouds: options.clouds,
    masterSecret: options.masterSecret,
    fleet: options.fleet ?? 'default',
    runs: options.runs ?? localRuns(),
    secretFor: jobSecrets(options),
    timing,
    now: options.now ?? Date.now,
    pollerOf: (cloud) => pollers.get(cloud) ?? new InstancePoller(cloud, { intervalMs: timing.pollIntervalMs }),
  };
  return {
    /** On `gpu-clouds`, beside the workflows. */
    job: {
      prepareJob: prepareJob(dependencies),
      outputSize: (run: string, node = 0) => dependencies.runs.outputSize({ run, node }),
      servedClouds: servedClouds(dependencies),
      followRuns: followRuns(dependencies),
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
      runStep: runStep(dependencies),
      sendSignal: sendSignal(dependencies),
      collectFiles: collectFiles(dependencies),
      keepCheckpoints: keepCheckpoints(dependencies),
      restoreCheckpoint: restoreCheckpoint(dependencies),
      dropCheckpoints: dropCheckpoints(dependencies),
    },
  };
}

/** What {@link createActivities} makes, by the task queue that each belongs on. */
export type Activities = ReturnType<typeof createActivities>;
/** For a worker of the task queue `gpu-clouds`, the one that runs the workflows. */
export type JobActivities = Activities['job'];
/** For a worker of each `gpu-clouds-<vendor>`, where calls to that cloud are limited. */
export type VendorActivities = Activities['vendor'];
/** For a worker of each `gpu-clouds-<vendor>-watch`: they hold a slot for as long as an instance, or a job in a container, is watched. */
export type WatchActivities = Activities['watch'];
/** For a worker of `gpu-clouds-follow`: they hold a slot for as long as a command runs. */
export type FollowActivities = Activities['follow'];
