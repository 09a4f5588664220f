import { type Cloud, isGone, neverAbsent, noteMissed, noteSeen } from '@gpu-clouds/clouds';
import type { Instance } from '@gpu-clouds/clouds/pure';
import { Context, cancellationSignal, sleep } from '@temporalio/activity';
import type { AwaitInput, Lost, Repriced, Running, WatchInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { type FailureOptions, finalFailure, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { isWorthReporting } from './price-changes.ts';

/**
 * Waits until the vendor says that the instance runs and where its SSH is.
 * Fails with `instance-failed` or, after the boot timeout, with `never-ready`.
 */
export function awaitRunning(dependencies: Dependencies) {
  const { now, timing } = dependencies;
  return async (input: AwaitInput): Promise<Running> =>
    withHeartbeats(async () => {
      const cloud = cloudOf(dependencies, input.vendor);
      const absence = new ObservedAbsence(dependencies);
      for (;;) {
        const found = await look(dependencies, cloud, input).catch(async (error: unknown) => {
          throw await whyNot(error);
        });
        if (found?.status === 'running' && found.ssh !== undefined) return running(found, found.ssh);
        const { instanceName } = input;
        if (found?.status === 'failed' || found?.status === 'deleting') {
          throw finalFailure(
            'instance-failed',
            `${instanceName} failed while booting: the cloud says it is ${found.vendorStatus}.`,
          );
        }
        if (absence.isLasting(found))
          throw finalFailure('instance-failed', `${instanceName} disappeared while booting.`);
        if (now() - input.createdAt > timing.bootTimeoutMs)
          throw neverReady(input, timing.bootTimeoutMs, found?.vendorStatus);
      }
    });
}

/** Returns when the instance is gone, stopped or broken, or costs something else; otherwise watches until it is cancelled. */
export function watchInstance(dependencies: Dependencies) {
  return async (input: WatchInput): Promise<Lost | Repriced> =>
    withHeartbeats(async () => {
      const cloud = cloudOf(dependencies, input.vendor);
      const absence = new ObservedAbsence(dependencies);
      let brokenLooks = 0;
      for (;;) {
        const found = await look(dependencies, cloud, input).catch(async (error: unknown) => {
          throw await whyNot(error, { alwaysRetry: true });
        });
        // Twice, since a list can hiccup, and an instance that is taken for lost is destroyed.
        brokenLooks = found === undefined || isAlive(found) ? 0 : brokenLooks + 1;
        if (brokenLooks >= 2 || absence.isLasting(found))
          return { message: `${input.instanceName} was lost: the cloud says it is ${found?.vendorStatus ?? 'gone'}.` };
        const reported = found?.pricePerHour;
        if (reported !== undefined && isWorthReporting(reported, input, dependencies.now()))
          return { reportedPricePerHour: reported };
        if (found !== undefined && isAlive(found)) await sleep(dependencies.timing.watchIntervalMs);
      }
    });
}

/** One look that does not show the instance is no proof: a vendor that fails over answers the same for a while. */
class ObservedAbsence {
  readonly #dependencies: Dependencies;
  #absence = neverAbsent;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether the instance has been away for long enough to count as gone, this look included. */
  isLasting(found: Instance | undefined): boolean {
    const { now, timing } = this.#dependencies;
    const rules = { consistencyWindowMs: timing.consistencyWindowMs, pollIntervalMs: timing.pollIntervalMs };
    if (found === undefined) this.#absence = noteMissed(this.#absence, now(), rules);
    else this.#absence = found.status === 'gone' ? { ...neverAbsent, confirmed: true } : noteSeen(this.#absence);
    return isGone(this.#absence, rules);
  }
}

function isAlive({ status }: Instance): boolean {
  return status === 'running' || status === 'provisioning';
}

export function neverReady({ instanceName }: { readonly instanceName: string }, boot: number, status = 'nothing') {
  const minutes = Math.round(boot / 60_000);
  return finalFailure(
    'never-ready',
    `${instanceName} was not ready ${minutes} minutes after it was ordered; the last word was ${status}.`,
  );
}

/** At the pace of the account's poller, whose one list call serves everybody who waits. */
async function look({ accountOf }: Dependencies, cloud: Cloud, input: AwaitInput): Promise<Instance | undefined> {
  const listed = (await accountOf(cloud).poller.wait((instances) => instances, { signal: cancellationSignal() })) ?? [];
  await destroyStrays(cloud, listed, input);
  const found = listed.find(({ id }) => id === input.instanceId);
  // The list may lag behind, or leave out where SSH answers.
  if (found === undefined || (found.status === 'running' && found.ssh === undefined))
    return cloud.getInstance(input.instanceId);
  return found;
}

async function whyNot(error: unknown, options: FailureOptions = {}): Promise<Error> {
  if (cancellationSignal().aborted) await Context.current().cancelled;
  return toFailure(error, options);
}

/** Another instance with this instance name is the work of a create that was given up and took effect after all. */
async function destroyStrays(
  cloud: Cloud,
  listed: readonly Instance[],
  { instanceName, instanceId }: AwaitInput,
): Promise<void> {
  const strays = listed.filter(
    (found) => found.name === instanceName && found.id !== instanceId && found.status !== 'deleting',
  );
  // Where the vendor refuses for now, the next look asks again, and teardown is by instance name in the end.
  await Promise.allSettled(strays.map(({ id }) => cloud.deleteInstance(id)));
}

function running({ pricePerHour, volumeIds }: Instance, ssh: Running['ssh']): Running {
  return { ssh, volumeIds, pricePerHour };
}
