import type { InstanceEnd, InstanceRequest } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { IdlenessInput, IdleTime } from '../activities/contract.ts';
import { watching } from './activity-proxies.ts';
import { nameOfLease } from './lease-name.ts';
import type { LeaseUsers } from './lease-users.ts';
import type { Ownership } from './ownership.ts';
import { readyInstance } from './ready-instance.ts';

/** How long before its release a lease is marked as idle, in seconds, and what part of a short time that is at most. */
const warning = { seconds: 300, part: 1 / 3 };
/** Events after which idleness is not watched any more. Each warning adds about 15, and Temporal ends a workflow with 51,200. */
const mostEvents = 30_000;

/** Ends a lease that nobody has used for a time, some minutes after a warning. The TTL ends it anyway. */
export class LeaseIdleness {
  readonly #request: InstanceRequest;
  readonly #ownership: Ownership;
  readonly #users: LeaseUsers;
  #extensions = 0;

  constructor(request: InstanceRequest, ownership: Ownership, users: LeaseUsers) {
    this.#request = request;
    this.#ownership = ownership;
    this.#users = users;
  }

  /** An extension counts as use, and restarts the idle time. */
  extended(): void {
    this.#extensions += 1;
  }

  /** Waits until the instance is lost or, for a lease with a limit of its idle time, until nobody has used it for that long. */
  async unless(lost: () => Promise<InstanceEnd>): Promise<InstanceEnd> {
    const { idleSeconds } = this.#request;
    if (idleSeconds === undefined) return lost();
    return Promise.race([lost(), this.#untilIdle(idleSeconds)]);
  }

  async #untilIdle(idleSeconds: number): Promise<InstanceEnd> {
    try {
      while (workflowInfo().historyLength < mostEvents) {
        await condition(() => !this.#users.hasAny);
        if (await this.#wasIdle(idleSeconds)) return { why: 'idle' };
      }
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.warn('The idle time of the lease is not watched any more', { error });
    }
    // Until its TTL is over.
    return new Promise(() => undefined);
  }

  async #wasIdle(idleSeconds: number): Promise<boolean> {
    const warnSeconds = Math.min(warning.seconds, idleSeconds * warning.part);
    const idle = await this.#watch({ forSeconds: idleSeconds - warnSeconds });
    if (idle === undefined) return false;
    const now = Date.now();
    const since = new Date(now - (idle.last - idle.since)).toISOString();
    const releasedAt = new Date(now + warnSeconds * 1000).toISOString();
    this.#ownership.change({ idle: { since, releasedAt } });
    const name = nameOfLease(this.#request);
    const text = `Nobody has used this instance since ${since}. It is destroyed with all its files at ${releasedAt}, unless you log in or run "gpu-clouds extend ${name} 1h".`;
    if ((await this.#watch({ forSeconds: idleSeconds, after: idle, warning: `gpu-clouds: ${text}` })) !== undefined)
      return true;
    this.#ownership.change({ idle: undefined });
    return false;
  }

  /** Returns undefined once the lease is in use. */
  async #watch(input: Omit<IdlenessInput, 'instance' | 'gpuCount'>): Promise<IdleTime | undefined> {
    const extensions = this.#extensions;
    const isUsed = () => this.#users.hasAny || this.#extensions !== extensions;
    const instance = readyInstance(this.#ownership.facts);
    if (instance === undefined) throw new Error(`${this.#request.instanceName} is not ready.`);
    const { gpuCount } = this.#request.offer;
    const scope = new CancellationScope();
    try {
      const idle = await scope.run(() =>
        Promise.race([
          watching.watchIdleness({ ...input, instance, gpuCount }),
          condition(isUsed).then(() => undefined),
        ]),
      );
      return isUsed() ? undefined : idle;
    } finally {
      scope.cancel();
    }
  }
}
