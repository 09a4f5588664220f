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
  /** Ids of what existed. */
  readonly found: readonly string[];
  /** Whether the owner was told that the account looks wrong. */
  readonly alarmRaised: boolean;
}

/**
 * Destroys the instance, its key, and its volumes, by id and by instance name, until they are gone as `Teardown` defines it. Retries every
 * failure, and waits for what an uncertain create may still create.
 * @returns the id of an instance that existed. Undefined: there is no trace of one
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
    return untilGone(dependencies, cloudOf(dependencies, vendor), target, { kinds, mayAppearForMs });
  };
}

/**
 * Destroys the job deployment until it is gone. Retries every failure. Names are unique, so no second one can appear.
 * @returns its name if it existed. Undefined: there is no trace of it
 */
export function destroyJobDeployment(dependencies: Dependencies) {
  return async ({ vendor, instanceName, lastCreateAt }: RemoveJobDeploymentInput): Promise<string | undefined> => {
    const target = { name: instanceName, jobDeployments: lastCreateAt === undefined ? [] : [instanceName] };
    return untilGone(dependencies, cloudOf(dependencies, vendor), target, {
      kinds: ['jobDeployments'],
      mayAppearForMs: 0,
    });
  };
}

/** @returns the id of something that existed */
async function untilGone(
  { now, timing, accountOf }: Dependencies,
  cloud: Cloud,
  target: TeardownTarget,
  options: { readonly kinds: readonly TeardownKind[]; readonly mayAppearForMs: number },
): Promise<string | undefined> {
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
    found: [...new Set([...(last?.found ?? []), ...teardown.found])],
    alarmRaised: alarm.raised,
  });
  await withHeartbeats(async () => {
    // Most instances are gone within two seconds. The others are polled less and less often.
    for (let pause = firstPauseMs; !(await sweep()); pause *= 2) await sleep(Math.min(pause, timing.pollIntervalMs));
  }, progress);
  return progress().found[0];
}

/** Uses Temporal's clock, as the workflow does, because a worker's own clock may be hours off. */
function untilSettled(lastCreateAt: number, { timing }: Dependencies): number {
  const age = activityInfo().currentAttemptScheduledTimestampMs - lastCreateAt;
  return Math.min(timing.consistencyWindowMs, Math.max(0, timing.consistencyWindowMs - age));
}
