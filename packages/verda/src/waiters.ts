import { type Waited, type WaitGoal, type WaitUntilOptions, waitUntil } from '@gpu-clouds/core/wait';
import type { Instance } from './schemas.ts';
import type { VerdaClient } from './verda-client.ts';

export { WaitError, type WaitErrorCode, type WaitOptions, type WaitProgress } from '@gpu-clouds/core/wait';

type Cluster = Awaited<ReturnType<VerdaClient['getCluster']>>;
type Volume = Awaited<ReturnType<VerdaClient['getVolume']>>;

/** How often to poll, and for how long. Lookups count against 60 requests a minute for the whole project. */
const pace = { intervalMs: [5_000, 15_000], deadlineMs: 1_800_000 } as const;

const lost = ['error', 'no_capacity', 'notfound', 'installation_failed', 'deleting', 'discontinued'];

/** A deleted instance or cluster is `discontinued` in lookups, and absent from lists. */
const instanceGoals = {
  running: { success: ['running'], failure: lost },
  stopped: { success: ['offline'], failure: lost },
  gone: { success: ['discontinued'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until an instance is `running` (the default), `stopped`, or `gone`. Polls every 5 to 15 s, for at most 30 min. To
 * wait for many instances, list them instead: the project shares the rate limit.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForInstance<Goal extends keyof typeof instanceGoals = 'running'>(
  verda: Pick<VerdaClient, 'getInstance'>,
  id: string,
  options: WaitUntilOptions<Instance, Goal> = {},
): Promise<Waited<Instance, Goal>> {
  return waitUntil(
    instanceGoals,
    {
      what: `verda instance ${id}`,
      poll: (call) => verda.getInstance({ path: { instance_id: id } }, call),
      stateOf: ({ status }) => status,
      advice: 'It and its volumes may bill until they are deleted.',
      ...pace,
    },
    options,
  );
}

/** Waits until a cluster is `running` (the default), `stopped`, or `gone`, like {@link waitForInstance}. */
export function waitForCluster<Goal extends keyof typeof instanceGoals = 'running'>(
  verda: Pick<VerdaClient, 'getCluster'>,
  id: string,
  options: WaitUntilOptions<Cluster, Goal> = {},
): Promise<Waited<Cluster, Goal>> {
  return waitUntil(
    instanceGoals,
    {
      what: `verda cluster ${id}`,
      poll: (call) => verda.getCluster({ path: { id } }, call),
      stateOf: ({ status }) => status,
      advice: 'It and its shared volumes may bill until they are deleted.',
      ...pace,
    },
    options,
  );
}

const volumeLost = ['deleting', 'deleted', 'canceling', 'canceled'];

const volumeGoals = {
  ready: { success: ['detached', 'attached'], failure: volumeLost },
  attached: { success: ['attached'], failure: volumeLost },
  detached: { success: ['detached'], failure: volumeLost },
  gone: { success: ['deleted', 'canceled'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until a volume is `ready` (the default: attached or not), `attached`, `detached`, or `gone`. Gone includes the
 * trash, where a volume stays for 96 hours unless it was deleted permanently.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForVolume<Goal extends keyof typeof volumeGoals = 'ready'>(
  verda: Pick<VerdaClient, 'getVolume'>,
  id: string,
  options: WaitUntilOptions<Volume, Goal> = {},
): Promise<Waited<Volume, Goal>> {
  return waitUntil(
    volumeGoals,
    {
      what: `verda volume ${id}`,
      poll: (call) => verda.getVolume({ path: { volume_id: id } }, call),
      stateOf: ({ status }) => status,
      advice: 'It may bill until it is deleted.',
      ...pace,
    },
    options,
  );
}

type ContainerDeploymentState = Awaited<ReturnType<VerdaClient['getContainerDeploymentStatus']>>;

const containerGoals = {
  healthy: { success: ['healthy'], failure: ['quota_reached', 'terminating'] },
  paused: { success: ['paused'], failure: ['terminating'] },
  gone: { success: [], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until a container deployment is `healthy` (the default), `paused`, or `gone`. Unhealthy and degraded ones may
 * recover, so the wait continues.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForContainerDeployment<Goal extends keyof typeof containerGoals = 'healthy'>(
  verda: Pick<VerdaClient, 'getContainerDeploymentStatus'>,
  name: string,
  options: WaitUntilOptions<ContainerDeploymentState, Goal> = {},
): Promise<Waited<ContainerDeploymentState, Goal>> {
  return waitUntil(
    containerGoals,
    {
      what: `verda container deployment ${name}`,
      poll: (call) => verda.getContainerDeploymentStatus({ path: { deployment_name: name } }, call),
      stateOf: ({ status }) => status,
      advice: 'Its replicas may bill until it is deleted.',
      ...pace,
    },
    options,
  );
}

type JobDeploymentState = Awaited<ReturnType<VerdaClient['getJobDeploymentStatus']>>;

const jobGoals = {
  ready: { success: ['ready', 'running'], failure: ['terminating'] },
  paused: { success: ['paused'], failure: ['terminating'] },
  gone: { success: [], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until a job deployment is `ready` (the default: idle or running a job), `paused`, or `gone`.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForJobDeployment<Goal extends keyof typeof jobGoals = 'ready'>(
  verda: Pick<VerdaClient, 'getJobDeploymentStatus'>,
  name: string,
  options: WaitUntilOptions<JobDeploymentState, Goal> = {},
): Promise<Waited<JobDeploymentState, Goal>> {
  return waitUntil(
    jobGoals,
    {
      what: `verda job deployment ${name}`,
      poll: (call) => verda.getJobDeploymentStatus({ path: { jobName: name } }, call),
      stateOf: ({ status }) => status,
      advice: 'Its jobs may bill until it is deleted.',
      ...pace,
    },
    options,
  );
}
