import { createClouds, type Offer, rankOffers } from '@gpu-clouds/clouds';
import {
  costParts,
  JobFailedError,
  LeaseError,
  type LeaseHandle,
  leaseHandle,
  leaseId,
  leaseInstance,
  leaseSummary,
} from '@gpu-clouds/jobs';
import type { FaultClass } from './faults/index.ts';
import { leasedGpus } from './plan.ts';
import type { LeaseRecord } from './run-record.ts';
import { fleet, type Stack } from './stack.ts';
import { untilItWorks, within } from './until-it-works.ts';

/** States of a lease that runs can be started on. `running`: no worker says more. */
const live: ReadonlySet<string> = new Set(['creating', 'booting', 'ready', 'running']);

/** Leases for the runs of chaos: one at a time, and another one once that has ended. */
export class Leases {
  readonly #stack: Stack;
  readonly #all: LeaseRecord[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Returns a lease that has not ended. Leases an instance if there is none. */
  live(): Promise<LeaseRecord> {
    const found = this.#turn.then(() => this.#live());
    this.#turn = found.catch(() => undefined);
    return found;
  }

  handle({ id }: LeaseRecord): LeaseHandle {
    return leaseHandle(this.#stack.client, id);
  }

  /** Releases all leases, and waits for their ends. */
  async end(deadline: number): Promise<readonly LeaseRecord[]> {
    await Promise.all(this.#all.map((lease) => this.#end(lease, deadline).catch(() => undefined)));
    const names = new Map(this.#all.map((lease) => [lease.name, lease]));
    if (names.size === 0) return [];
    for await (const { run, dollars } of costParts(this.#stack.client, { fleet })) {
      const lease = names.get(run);
      if (lease !== undefined) lease.dollars = (lease.dollars ?? 0) + dollars;
    }
    return this.#all;
  }

  async #live(): Promise<LeaseRecord> {
    const last = this.#all.at(-1);
    const state = last && (await leaseSummary(this.#stack.client, last.id))?.state;
    if (last !== undefined && state !== undefined && live.has(state) && (await this.#isReady(last))) return last;
    // An earlier attempt may have started nothing.
    if (last !== undefined && state === undefined) this.#all.pop();
    const name = `lease${this.#all.length}`;
    const lease = { id: leaseId(name, fleet), name, applied: new Set<FaultClass>(), released: false };
    const offer = await this.#offer();
    this.#all.push(lease);
    await leaseInstance(this.#stack.client, { offer, name, fleet, ttl: '1h' });
    return lease;
  }

  /** Only one run waits for an instance that may never be ready. The others come later, so that more of them run. */
  async #isReady(lease: LeaseRecord): Promise<boolean> {
    try {
      await this.handle(lease).ready();
      return true;
    } catch (error) {
      if (error instanceof LeaseError) return false;
      throw error;
    }
  }

  async #offer(): Promise<Offer> {
    const clouds = [...createClouds({ env: this.#stack.env }).clouds.values()];
    // A cloud may be failing just now.
    const lists = await Promise.all(clouds.map((cloud) => cloud.listOffers().catch(() => [])));
    const offers = rankOffers(lists.flat(), { gpuCount: leasedGpus, spot: 'never' });
    // The next one after one that has ended.
    const offer = offers[this.#all.length % offers.length];
    if (offer === undefined) throw new Error('No cloud has an offer to lease.');
    return offer;
  }

  async #end(lease: LeaseRecord, deadline: number): Promise<void> {
    const handle = this.handle(lease);
    const { state = '' } = (await untilItWorks(() => leaseSummary(this.#stack.client, lease.id), deadline)) ?? {};
    lease.released = live.has(state);
    if (lease.released) await untilItWorks(() => handle.release().catch(ignoreEnded), deadline);
    lease.end = await untilItWorks(() => within(endOf(handle), deadline), deadline);
  }
}

async function endOf(handle: LeaseHandle): Promise<string> {
  try {
    const end = await handle.ended();
    return end.why === 'failed' ? end.kind : end.why;
  } catch (error) {
    if (error instanceof JobFailedError) return error.kind;
    throw error;
  }
}

/** The answer to an earlier release may have been lost. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof LeaseError)) throw error;
}
