import { type Cloud, isGone, neverAbsent, noteMissed, noteSeen } from '@gpu-clouds/clouds';
import type { Instance } from '@gpu-clouds/clouds/pure';
import { Context, cancellationSignal, sleep } from '@temporalio/activity';
import type { AwaitInput, Lost, Repriced, Running } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { type FailureOptions, finalFailure, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { isWorthReporting } from './price-changes.ts';

/**
 * Waits until the vendor reports that the instance is running, with its SSH address, or until its price changes. Vendors bill instances that boot.
 * Fails with `instance-failed` or, after the boot timeout, with `never-ready`.
 */
export function awaitRunning(dependencies: Dependencies) {
  const { now, timing } = dependencies;
  return async (input: AwaitInput): Promise<Running | Repriced> =>
    withHeartbeats(async () => {
      const cloud = cloudOf(dependencies, input.vendor);
      const absence = new ObservedAbsence(dependencies);
      for (;;) {
        const found = await poll(dependencies, cloud, input).catch(async (error: unknown) => {
          throw whileBooting(dependencies, input, await failureOf(error, { alwaysRetry: true }));
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
        const repriced = repricedBy(found, input, now());
        if (repriced !== undefined) return repriced;
      }
    });
}

/** Watches the instance until it is gone, stopped, or failed, or until its price changes. */
export function watchInstance(dependencies: Dependencies) {
  return async (input: AwaitInput): Promise<Lost | Repriced> =>
    withHeartbeats(async () => {
      const cloud = cloudOf(dependencies, input.vendor);
      const absence = new ObservedAbsence(dependencies);
      let failedPolls = 0;
      for (;;) {
        const found = await poll(dependencies, cloud, input).catch(async (error: unknown) => {
          throw await failureOf(error, { alwaysRetry: true });
        });
        // One poll may be wrong, and a lost instance is destroyed. Therefore two.
        failedPolls = found === undefined || isAlive(found) ? 0 : failedPolls + 1;
        if (failedPolls >= 2 || absence.isLasting(found))
          return { message: `${input.instanceName} was lost: the cloud says it is ${found?.vendorStatus ?? 'gone'}.` };
        const repriced = repricedBy(found, input, dependencies.now());
        if (repriced !== undefined) return repriced;
        if (found !== undefined && isAlive(found)) await sleep(dependencies.timing.watchIntervalMs);
      }
    });
}

/** One poll that does not show the instance proves nothing: a vendor that fails over answers the same for a while. */
class ObservedAbsence {
  readonly #dependencies: Dependencies;
  #absence = neverAbsent;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether the instance has been absent long enough to count as gone, this poll included. */
  isLasting(found: Instance | undefined): boolean {
    const { now, timing } = this.#dependencies;
    const rules = { consistencyWindowMs: timing.consistencyWindowMs, pollIntervalMs: timing.pollIntervalMs };
    if (found === undefined) this.#absence = noteMissed(this.#absence, now(), rules);
    else this.#absence = found.status === 'gone' ? { ...neverAbsent, confirmed: true } : noteSeen(this.#absence);
    return isGone(this.#absence, rules);
  }
}

function repricedBy(found: Instance | undefined, input: AwaitInput, now: number): Repriced | undefined {
  const reported = found?.pricePerHour;
  if (reported === undefined || !isWorthReporting(reported, input, now)) return undefined;
  return { reportedPricePerHour: reported };
}

function isAlive({ status }: Instance): boolean {
  return status === 'running' || status === 'provisioning';
}

export function neverReady({ instanceName }: { readonly instanceName: string }, boot: number, status = 'nothing') {
  const minutes = Math.round(boot / 60_000);
  return finalFailure(
    'never-ready',
    `${instanceName} was not ready ${minutes} minutes after the create call. Its last status was ${status}.`,
  );
}

/**
 * Returns what a poll fails with while something boots: `failure`, which is retried, until the boot timeout. One refused poll says nothing about
 * an instance that bills, and all instances of the account share the list.
 */
export function whileBooting(
  { now, timing }: Dependencies,
  booting: { readonly instanceName: string; readonly createdAt: number },
  failure: Error,
): Error {
  const isLate = now() - booting.createdAt > timing.bootTimeoutMs;
  return isLate ? neverReady(booting, timing.bootTimeoutMs, `unknown (${failure.message})`) : failure;
}

/** Polls at the pace of the account's poller, whose list call all waiting activities share. */
async function poll({ accountOf }: Dependencies, cloud: Cloud, input: AwaitInput): Promise<Instance | undefined> {
  const listed = (await accountOf(cloud).poller.wait((instances) => instances, { signal: cancellationSignal() })) ?? [];
  await destroyStrays(cloud, listed, input);
  const found = listed.find(({ id }) => id === input.instanceId);
  // The list may lag behind, or leave out where SSH answers.
  if (found === undefined || (found.status === 'running' && found.ssh === undefined))
    return cloud.getInstance(input.instanceId);
  return found;
}

async function failureOf(error: unknown, options: FailureOptions = {}): Promise<Error> {
  if (cancellationSignal().aborted) await Context.current().cancelled;
  return toFailure(error, options);
}

/**
 * Destroys other instances with this instance name. Their creates were given up, but took effect after all. Nothing is destroyed before the list
 * shows the instance itself: one that is listed under another ID than the create call returned would take itself for another.
 */
async function destroyStrays(
  cloud: Cloud,
  listed: readonly Instance[],
  { instanceName, instanceId }: AwaitInput,
): Promise<void> {
  if (!listed.some(({ id }) => id === instanceId)) return;
  const strays = listed.filter(
    (found) => found.name === instanceName && found.id !== instanceId && found.status !== 'deleting',
  );
  // A delete that fails is repeated after the next poll, and teardown also destroys by instance name.
  await Promise.allSettled(strays.map(({ id }) => cloud.deleteInstance(id)));
}

function running({ pricePerHour, volumeIds }: Instance, ssh: Running['ssh']): Running {
  return { ssh, volumeIds, pricePerHour };
}
