import type { InstanceShare, LeaseUse, LeaseUser } from './lease-api.ts';

/** Runs that may wait for one lease at the same time. Each is sent its new place whenever one before it leaves. */
const mostWaiting = 50;
/** Characters of a run's ID in the name of its folder. */
const mostOfId = 60;

/** A run in the queue of a lease, or one that uses it. */
export interface QueuedUse extends LeaseUser {
  /** `waiting` for GPUs, `granted`, or `leaving`: it has ended, and must be evicted before others get its GPUs. */
  readonly state: 'waiting' | 'granted' | 'leaving';
  /** Present once it is granted. */
  readonly share?: InstanceShare | undefined;
}

interface Use extends LeaseUser {
  readonly number: number;
  readonly count: number;
  state: QueuedUse['state'];
  share?: InstanceShare;
}

/**
 * Decides which runs use which GPUs of a lease: first come, first served. A run that needs more GPUs than are free keeps those behind it
 * waiting, so it is never overtaken. Pure: the owner of the lease sends its messages.
 */
export class LeaseQueue {
  readonly #gpuCount: number;
  /** In the order in which they came. */
  #uses: readonly Use[] = [];
  #latest = 0;

  constructor(gpuCount: number) {
    this.#gpuCount = gpuCount;
  }

  /** The runs, in the order in which they came. */
  get uses(): readonly QueuedUse[] {
    return this.#uses;
  }

  /**
   * Adds a run at the end of the queue. A repeated request changes nothing. An earlier execution of the run leaves, because it was reset.
   * @returns Why the run cannot use the lease, in one sentence; undefined if it can.
   */
  add({ run, execution, gpus = this.#gpuCount }: LeaseUse): string | undefined {
    if (this.#find({ run, execution }) !== undefined) return undefined;
    if (!Number.isInteger(gpus) || gpus < 1 || gpus > this.#gpuCount)
      return `The lease has ${this.#gpuCount} GPUs, and the run wants ${gpus}.`;
    if (this.#uses.filter(({ state }) => state === 'waiting').length >= mostWaiting)
      return `${mostWaiting} runs wait for the lease already.`;
    for (const use of this.#uses) if (use.run === run) this.leave(use);
    this.#latest += 1;
    this.#uses = [...this.#uses, { run, execution, count: gpus, number: this.#latest, state: 'waiting' }];
    return undefined;
  }

  /** Whether there are GPUs for the run whose turn it is. */
  get canGrant(): boolean {
    return this.#grantable() !== undefined;
  }

  /** Gives GPUs to all runs whose turn it is. */
  grant(): void {
    for (let use = this.#grantable(); use !== undefined; use = this.#grantable()) {
      use.state = 'granted';
      use.share = { folder: folderOf(use), gpus: this.#free().slice(0, use.count) };
    }
  }

  /** The run has ended, whether it says so or was found to be closed. Its GPUs stay taken until it is {@link evicted}. */
  leave(user: LeaseUser): void {
    const use = this.#find(user);
    if (use?.state === 'waiting') this.#remove(use);
    if (use?.state === 'granted') use.state = 'leaving';
  }

  /** Nothing of the run is left on the instance. */
  evicted(user: LeaseUser): void {
    const use = this.#find(user);
    if (use?.state === 'leaving') this.#remove(use);
  }

  /** Returns the runs that a waiting run waits for, in the order in which they came. */
  behind(user: LeaseUser): readonly string[] {
    const place = this.#uses.findIndex((use) => isSame(use, user));
    return this.#uses.slice(0, Math.max(0, place)).map(({ run }) => run);
  }

  #grantable(): Use | undefined {
    const next = this.#uses.find(({ state }) => state === 'waiting');
    return next !== undefined && next.count <= this.#free().length ? next : undefined;
  }

  #free(): readonly number[] {
    const taken = new Set(this.#uses.flatMap(({ share }) => share?.gpus ?? []));
    return Array.from({ length: this.#gpuCount }, (_, index) => index).filter((index) => !taken.has(index));
  }

  #find(user: LeaseUser): Use | undefined {
    return this.#uses.find((use) => isSame(use, user));
  }

  #remove(use: Use): void {
    this.#uses = this.#uses.filter((other) => other !== use);
  }
}

function isSame(one: LeaseUser, other: LeaseUser): boolean {
  return one.run === other.run && one.execution === other.execution;
}

/** Also part of the name of a container. The number makes it unique on the instance. */
function folderOf({ number, run }: Use): string {
  return `run-${number}-${run.slice(0, mostOfId).replace(/[^a-zA-Z0-9-]/g, '_')}`;
}
