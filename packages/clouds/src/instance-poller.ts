import { type Clock, systemClock } from '@gpu-clouds/core';
import type { AccountWatch } from './account-watch.ts';
import type { CallOptions, Cloud, Instance } from './cloud.ts';
import { CloudError, isTransient } from './cloud-error.ts';
import { pause } from './pause.ts';

/** Options of an `InstancePoller`. */
export interface PollerOptions {
  /** Milliseconds between two list calls, and up to a quarter more. Default 5000: a tenth of what Verda allows a project. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds that failures, and a vendor's `Retry-After`, can stretch the interval to. Default 60000. */
  readonly maxIntervalMs?: number | undefined;
  /** Gets the ids of every list. Share it with the teardowns of the account. */
  readonly account?: AccountWatch | undefined;
  /** Time to wait by. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Options of one wait. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds after which {@link InstancePoller.wait} resolves to undefined. Default: never. */
  readonly timeoutMs?: number | undefined;
}

interface Waiter {
  show(instances: readonly Instance[]): void;
  fail(error: unknown): void;
}

/**
 * Waits for instances of one account: one list call serves every waiter, since vendors count calls per account and not per
 * instance (Verda: 120 list calls a minute for the whole project). Make one per cloud and share it.
 */
export class InstancePoller {
  readonly #cloud: Cloud;
  readonly #intervalMs: number;
  readonly #maxIntervalMs: number;
  readonly #account: AccountWatch | undefined;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  /** Ends the pause between two polls, and the call under way, when the last waiter leaves. */
  #polling: AbortController | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  /** The whole pause that ends at `#notBefore`, in milliseconds. */
  #pauseMs = 0;
  #failures = 0;

  constructor(cloud: Cloud, options: PollerOptions = {}) {
    this.#cloud = cloud;
    this.#intervalMs = options.intervalMs ?? 5_000;
    this.#maxIntervalMs = options.maxIntervalMs ?? 60_000;
    this.#account = options.account;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Calls `find` with each list of the account's instances until it returns a value, and resolves to that value, or to undefined after
   * `timeoutMs`. Every list is requested after the call of `wait`. Outages and rate limits are retried.
   * @throws {CloudError} An error that a retry cannot fix, such as `unauthorized`. If the signal aborts, its reason.
   */
  async wait<T>(
    find: (instances: readonly Instance[]) => T | undefined,
    { signal, timeoutMs }: WaitOptions = {},
  ): Promise<T | undefined> {
    signal?.throwIfAborted();
    let waiter: Waiter | undefined;
    let onAbort = () => {};
    let cancelTimeout = () => {};
    try {
      return await new Promise<T | undefined>((resolve, reject) => {
        waiter = { show: (instances) => settleWith(find(instances), resolve), fail: reject };
        onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        if (timeoutMs !== undefined) cancelTimeout = this.#clock.after(timeoutMs, () => resolve(undefined));
        this.#join(waiter);
      });
    } finally {
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
      if (waiter !== undefined) this.#leave(waiter);
    }
  }

  #join(waiter: Waiter): void {
    this.#waiters.add(waiter);
    if (this.#polling !== undefined) return;
    const polling = new AbortController();
    this.#polling = polling;
    void this.#poll(polling.signal);
  }

  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    this.#polling?.abort();
    this.#polling = undefined;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // The clock can be set back meanwhile. Waiters must see the list all the same.
      await pause(this.#clock, Math.min(this.#pauseMs, this.#notBefore - this.#clock.now()), signal);
      if (!signal.aborted) await this.#pollOnce(signal);
    }
  }

  async #pollOnce(signal: AbortSignal): Promise<void> {
    // A waiter that joins during the call may have changed something that this list does not show yet.
    const waiters = [...this.#waiters];
    this.#pauseFor(this.#intervalMs);
    try {
      const instances = await this.#cloud.listInstances({ signal });
      this.#account?.listed(instances.map(({ id }) => id));
      this.#failures = 0;
      this.#pauseFor(this.#intervalMs);
      for (const waiter of waiters) show(waiter, instances);
    } catch (error) {
      if (signal.aborted) return;
      if (!isTransient(error)) for (const waiter of waiters) waiter.fail(error);
      this.#failures += 1;
      const backoff = this.#intervalMs * 2 ** this.#failures;
      const asked = CloudError.isInstance(error) ? (error.retryAfterMs ?? 0) : 0;
      // Capped, because instances bill while nothing polls.
      this.#pauseFor(Math.min(this.#maxIntervalMs, Math.max(backoff, asked)));
    }
  }

  /** Jittered, so that workers do not fall into step; upwards only, so that a vendor gets at least the pause it asked for. */
  #pauseFor(milliseconds: number): void {
    this.#pauseMs = milliseconds * (1 + this.#clock.random() / 4);
    this.#notBefore = this.#clock.now() + this.#pauseMs;
  }
}

function settleWith<T>(found: T | undefined, resolve: (found: T) => void): void {
  if (found !== undefined) resolve(found);
}

function show(waiter: Waiter, instances: readonly Instance[]): void {
  try {
    waiter.show(instances);
  } catch (error) {
    waiter.fail(error);
  }
}
