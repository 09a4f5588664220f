import { type Cloud, Teardown, type TeardownKind, type TeardownTarget } from '@gpu-clouds/clouds';
import { activityInfo, metricMeter, sleep } from '@temporalio/activity';
import type { DestroyInput, RemoveJobDeploymentInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';

const firstPauseMs = 500;

/** What one attempt leaves to the next. */
interface TornDown {
  /** Ids whose deletion the vendor has accepted. */
  readonly acknowledged: readonly string[];
}

/**
 * Destroys the instance, its key and its volumes, by id and by instance name, until they are gone as `Teardown` defines it. Never gives up: whatever goes
 * wrong is tried again, and what an uncertain create may still bring to light is waited for.
 */
export function destroyInstance(dependencies: Dependencies) {
  return async ({ vendor, instanceName, instanceId, keyId, volumeIds, lastCreateAt }: DestroyInput): Promise<void> => {
    const target = {
      name: instanceName,
      instanceIds: instanceId === undefined ? [] : [instanceId],
      keyIds: keyId === undefined ? [] : [keyId],
      volumeIds,
    };
    const mayAppearForMs = lastCreateAt === undefined ? 0 : untilSettled(lastCreateAt, dependencies);
    const kinds = ['instances', 'volumes', 'keys'] as const;
    await untilGone(dependencies, cloudOf(dependencies, vendor), target, { kinds, mayAppearForMs });
  };
}

/** Deletes the fleet until it is gone. Never gives up. No other one can appear: a name can be had once. */
export function destroyJobDeployment(dependencies: Dependencies) {
  return async ({ vendor, instanceName, lastCreateAt }: RemoveJobDeploymentInput): Promise<void> => {
    const target = { name: instanceName, jobDeployments: lastCreateAt === undefined ? [] : [instanceName] };
    await untilGone(dependencies, cloudOf(dependencies, vendor), target, {
      kinds: ['jobDeployments'],
      mayAppearForMs: 0,
    });
  };
}

async function untilGone(
  { now, timing, accountOf }: Dependencies,
  cloud: Cloud,
  target: TeardownTarget,
  options: { readonly kinds: readonly TeardownKind[]; readonly mayAppearForMs: number },
): Promise<void> {
  const last: Partial<TornDown> | undefined = activityInfo().heartbeatDetails;
  const teardown = new Teardown(cloud, target, {
    ...options,
    consistencyWindowMs: timing.consistencyWindowMs,
    pollIntervalMs: timing.pollIntervalMs,
    acknowledged: last?.acknowledged,
    account: accountOf(cloud).watch,
    clock: { now },
  });
  const suspect = metricMeter.createGauge(
    'gpu_clouds_account_suspect',
    'int',
    undefined,
    '1 while the lists of an account look wrong: all instances vanished at once',
  );
  const sweep = async () => {
    try {
      return await teardown.sweep();
    } catch (error) {
      throw toFailure(error, { alwaysRetry: true });
    } finally {
      suspect.set(teardown.accountSuspect ? 1 : 0, { vendor: cloud.vendor });
    }
  };
  const progress = (): TornDown => ({ acknowledged: teardown.acknowledged });
  await withHeartbeats(async () => {
    // Most instances go in a second or two; those that do not are asked about less and less often.
    for (let pause = firstPauseMs; !(await sweep()); pause *= 2) await sleep(Math.min(pause, timing.pollIntervalMs));
  }, progress);
}

/** By Temporal's clock, which the workflow's times are of too: a worker's own may be off by hours. */
function untilSettled(lastCreateAt: number, { timing }: Dependencies): number {
  const age = activityInfo().currentAttemptScheduledTimestampMs - lastCreateAt;
  return Math.min(timing.consistencyWindowMs, Math.max(0, timing.consistencyWindowMs - age));
}
