import { type Cloud, Teardown, type TeardownKind, type TeardownTarget } from '@gpu-clouds/clouds';
import { activityInfo, sleep } from '@temporalio/activity';
import { AccountAlarm } from './account-alarm.ts';
import type { DestroyInput, RemoveJobDeploymentInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';

const firstPauseMs = 500;

/** What one attempt passes to the next. */
interface TornDown {
  /** Ids whose deletion the vendor has accepted. */
  readonly acknowledged: readonly string[];
  /** Ids of instances that were given or found. */
  readonly instanceIds: readonly string[];
  /** Whether the owner was told that the account looks wrong. */
  readonly alarmRaised: boolean;
}

/**
 * Destroys the instance, its key, and its volumes, by id and by instance name, until they are gone as `Teardown` defines it. Retries every
 * failure, and waits for what an uncertain create may still create.
 * @returns the id of an instance that was given or found. Undefined: there has been none
 */
export function destroyInstance(dependencies: Dependencies) {
  return async ({
    vendor,
    instanceName,
    instanceId,
    keyId,
    volumeIds,
    lastCreateAt,
  }: DestroyInput): Promise<string | undefined> => {
    const target = {
      name: instanceName,
      instanceIds: instanceId === undefined ? [] : [instanceId],
      keyIds: keyId === undefined ? [] : [keyId],
      volumeIds,
    };
    const mayAppearForMs = lastCreateAt === undefined ? 0 : untilSettled(lastCreateAt, dependencies);
    const kinds = ['instances', 'volumes', 'keys'] as const;
    const [found] = await untilGone(dependencies, cloudOf(dependencies, vendor), target, { kinds, mayAppearForMs });
    return found;
  };
}

/** Destroys the job deployment until it is gone. Retries every failure. Names are unique, so no second one can appear. */
export function destroyJobDeployment(dependencies: Dependencies) {
  return async ({ vendor, instanceName, lastCreateAt }: RemoveJobDeploymentInput): Promise<void> => {
    const target = { name: instanceName, jobDeployments: lastCreateAt === undefined ? [] : [instanceName] };
    await untilGone(dependencies, cloudOf(dependencies, vendor), target, {
      kinds: ['jobDeployments'],
      mayAppearForMs: 0,
    });
  };
}

/** @returns the ids of instances that were given or found */
async function untilGone(
  { now, timing, accountOf }: Dependencies,
  cloud: Cloud,
  target: TeardownTarget,
  options: { readonly kinds: readonly TeardownKind[]; readonly mayAppearForMs: number },
): Promise<readonly string[]> {
  const last: Partial<TornDown> | undefined = activityInfo().heartbeatDetails;
  const teardown = new Teardown(cloud, target, {
    ...options,
    consistencyWindowMs: timing.consistencyWindowMs,
    pollIntervalMs: timing.pollIntervalMs,
    acknowledged: last?.acknowledged,
    account: accountOf(cloud).watch,
    clock: { now },
  });
  const alarm = new AccountAlarm(cloud.vendor, last?.alarmRaised ?? false);
  const sweep = async () => {
    try {
      return await teardown.sweep();
    } catch (error) {
      throw toFailure(error, { alwaysRetry: true });
    } finally {
      await alarm.update(teardown.accountSuspect);
    }
  };
  const progress = (): TornDown => ({
    acknowledged: teardown.acknowledged,
    instanceIds: [...new Set([...(last?.instanceIds ?? []), ...teardown.instanceIds])],
    alarmRaised: alarm.raised,
  });
  await withHeartbeats(async () => {
    // Most instances are gone within two seconds. The others are polled less and less often.
    for (let pause = firstPauseMs; !(await sweep()); pause *= 2) await sleep(Math.min(pause, timing.pollIntervalMs));
  }, progress);
  return progress().instanceIds;
}

/** Uses Temporal's clock, as the workflow does, because a worker's own clock may be hours off. */
function untilSettled(lastCreateAt: number, { timing }: Dependencies): number {
  const age = activityInfo().currentAttemptScheduledTimestampMs - lastCreateAt;
  return Math.min(timing.consistencyWindowMs, Math.max(0, timing.consistencyWindowMs - age));
}
