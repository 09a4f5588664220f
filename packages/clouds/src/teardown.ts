import { type Clock, systemClock } from '@gpu-clouds/core';
import {
  type Absence,
  type AbsenceRules,
  isGone,
  needsDelete,
  neverAbsent,
  notePoll,
  type Sighting,
} from './absence.ts';
import { AccountWatch } from './account-watch.ts';
import type { CallOptions, Cloud, Deletion, Instance, Vendor } from './cloud.ts';
import { CloudError, isTransient } from './cloud-error.ts';
import { haveSameOwner } from './instance-name.ts';
import { pause } from './pause.ts';

/** What to destroy: everything with the name, and each id that is known to belong to it. */
export interface TeardownTarget {
  /** The instance name. Default: only the given ids are destroyed. */
  readonly name?: string | undefined;
  /** Ids that creates returned, whatever their instances are called by now. */
  readonly instanceIds?: readonly string[] | undefined;
  /** Volumes that came with an instance: some vendors keep them when it goes. */
  readonly volumeIds?: readonly string[] | undefined;
  /** Keys that were registered for it. */
  readonly keyIds?: readonly string[] | undefined;
  /** Names of job deployments that were created. */
  readonly jobDeployments?: readonly string[] | undefined;
}

/** A kind of thing that a name can stand for. */
export type TeardownKind = 'instances' | 'volumes' | 'keys' | 'jobDeployments';

/** What went wrong in one sweep. */
export interface TeardownFailure {
  /** What could not be listed or deleted. */
  readonly kind: TeardownKind;
  /** Absent if the list of this kind could not be read. */
  readonly id?: string | undefined;
  /** Usually a `CloudError`. */
  readonly error: unknown;
}

/** Options of a {@link Teardown}. */
export interface TeardownOptions extends Partial<AbsenceRules> {
  /**
   * Milliseconds from now for which a create whose answer was lost may still bring something to light. Default: the consistency window where
   * the target names neither an instance nor a deployment, else 0.
   */
  readonly mayAppearForMs?: number | undefined;
  /** What is looked for. Default: all that the cloud keeps. */
  readonly kinds?: readonly TeardownKind[] | undefined;
  /** {@link Teardown.acknowledged} of an earlier attempt. */
  readonly acknowledged?: readonly string[] | undefined;
  /** Share it with the other teardowns and the poller of the account. Default: an own one, which knows only the lists of this teardown. */
  readonly account?: AccountWatch | undefined;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

/** One of the things, as a poll shows it. */
interface Shown {
  readonly id: string;
  readonly name: string;
  /** Absent if a list shows only that it exists. */
  readonly state?: Sighting;
  readonly volumeIds?: readonly string[] | undefined;
  /** Instances that it is attached to. It cannot be deleted before they are gone. */
  readonly heldBy?: readonly string[] | undefined;
}

/** How one kind is listed, read, and deleted. */
interface Shelf {
  readonly kind: TeardownKind;
  list(options?: CallOptions): Promise<readonly Shown[]>;
  get?(id: string, options?: CallOptions): Promise<Shown | undefined>;
  delete(id: string, options?: CallOptions): Promise<Deletion>;
}

const defaults = { consistencyWindowMs: 90_000, pollIntervalMs: 3_000 };

/**
 * Destroys everything with a name, and each id that is known to belong to it. {@link isGone} decides when an id is gone: "not listed" and 404
 * alone are no proof.
 */
export class Teardown {
  readonly #target: TeardownTarget;
  readonly #rules: AbsenceRules;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #account: AccountWatch;
  readonly #shelves: readonly Shelf[];
  readonly #vendor: Vendor;
  #nothingAppearsFrom: number;
  #failures: TeardownFailure[] = [];
  readonly #found = new Set<string>();
  readonly #known: Readonly<Record<TeardownKind, Map<string, Absence>>>;

  constructor(cloud: Cloud, target: TeardownTarget, options: TeardownOptions = {}) {
    const { consistencyWindowMs = defaults.consistencyWindowMs, pollIntervalMs = defaults.pollIntervalMs } = options;
    this.#target = target;
    this.#vendor = cloud.vendor;
    this.#rules = { consistencyWindowMs, pollIntervalMs };
    this.#clock = options.clock ?? systemClock;
    this.#account = options.account ?? new AccountWatch();
    this.#shelves = shelvesOf(cloud).filter(({ kind }) => options.kinds?.includes(kind) ?? true);
    const nothingIsKnown = target.instanceIds === undefined && target.jobDeployments === undefined;
    this.#nothingAppearsFrom =
      this.#clock.now() + (options.mayAppearForMs ?? (nothingIsKnown ? consistencyWindowMs : 0));
    const acknowledged = new Set(options.acknowledged);
    const known = (ids: readonly string[] = []) =>
      new Map(ids.map((id) => [id, { ...neverAbsent, acknowledged: acknowledged.has(id) }]));
    this.#known = {
      instances: known(target.instanceIds),
      volumes: known(target.volumeIds),
      keys: known(target.keyIds),
      jobDeployments: known(target.jobDeployments),
    };
  }

  /** Ids of the instances and job deployments that existed: a poll has shown them, or the vendor has accepted their deletion. */
  get found(): readonly string[] {
    return [...this.#found];
  }

  /** Ids whose deletion the vendor has accepted. */
  get acknowledged(): readonly string[] {
    return Object.values(this.#known).flatMap((ids) =>
      [...ids].filter(([, absence]) => absence.acknowledged).map(([id]) => id),
    );
  }

  /**
   * Whether the account looks wrong: several instances vanished at once. Raise an alarm. Until they are listed again, the teardown continues
   * for every id whose deletion was not accepted.
   */
  get accountSuspect(): boolean {
    return this.#account.state === 'suspect';
  }

  /**
   * One poll: asks for each thing that is still there to be deleted.
   * @returns True when nothing is left and nothing can appear any more.
   * @throws CloudError when a list could not be read or a deletion not be asked for, after everything else was.
   */
  async sweep(options?: CallOptions): Promise<boolean> {
    this.#failures = [];
    for (const shelf of this.#shelves) {
      // What cannot be done to keys must not keep an instance alive.
      await this.#sweepShelf(shelf, options).catch((error: unknown) =>
        this.#failures.push({ kind: shelf.kind, error }),
      );
    }
    for (const { error } of this.#failures) throw error;
    const all = this.#shelves.flatMap(({ kind }) => [...this.#known[kind].values()]);
    return this.#clock.now() >= this.#nothingAppearsFrom && all.every((absence) => this.#hasEnded(absence));
  }

  /** What went wrong in the latest sweep. */
  get failures(): readonly TeardownFailure[] {
    return this.#failures;
  }

  async #sweepShelf(shelf: Shelf, options?: CallOptions): Promise<void> {
    const known = this.#known[shelf.kind];
    const listed = await insisting((how) => shelf.list(how), options);
    if (shelf.kind === 'instances') this.#account.listed(listed.map(({ id }) => id));
    const ours = listed.filter(({ id, name }) => this.#isNamed(name) || known.has(id));
    for (const { id } of ours) if (id !== '' && !known.has(id)) known.set(id, neverAbsent);
    if (ours.some(({ id }) => id === '')) this.#listedWithoutId(shelf);
    for (const [id, absence] of known) {
      // The vendor has confirmed that it is deleted, and no longer lists it.
      if (absence.confirmed && !ours.some((one) => one.id === id)) continue;
      await this.#sweepOne(shelf, id, ours, options).catch((error: unknown) =>
        this.#failures.push({ kind: shelf.kind, id, error }),
      );
    }
  }

  /** It cannot be deleted, and may be listed with its ID later. */
  #listedWithoutId({ kind }: Shelf): void {
    const { consistencyWindowMs } = this.#rules;
    this.#nothingAppearsFrom = Math.max(this.#nothingAppearsFrom, this.#clock.now() + consistencyWindowMs);
    const message = `${this.#vendor} lists one of the ${kind} named ${this.#target.name} without an ID, so it cannot be deleted yet.`;
    const details = {
      kind: 'unavailable',
      vendor: this.#vendor,
      operation: 'list',
      mayHaveTakenEffect: false,
    } as const;
    this.#failures.push({ kind, error: new CloudError(message, details) });
  }

  async #sweepOne(shelf: Shelf, id: string, ours: readonly Shown[], options?: CallOptions): Promise<void> {
    const known = this.#known[shelf.kind];
    const change = (next: (absence: Absence) => Absence) => known.set(id, next(known.get(id) ?? neverAbsent));
    const listed = ours.find((one) => one.id === id);
    const shown = listed?.state === undefined ? ((await this.#read(shelf, id, options)) ?? listed) : listed;
    if (shown !== undefined) this.#existed(shelf, id);
    const sighting = shown && (shown.state ?? 'there');
    change((absence) => notePoll(absence, sighting, this.#clock.now(), this.#rules, this.#account.state));
    if (shown !== undefined && sighting !== 'gone') this.#learnVolumes(shown);
    if (sighting === 'gone' || sighting === 'deleting') this.#released(shelf, id);
    if (shown?.heldBy?.some((instance) => !this.#isGone(instance))) return;
    if (!needsDelete(known.get(id) ?? neverAbsent, sighting)) return;
    await this.#delete(shelf, id, options);
  }

  /** What cannot be read may bill all the same, so that its deletion is requested then too. */
  async #read(shelf: Shelf, id: string, options?: CallOptions): Promise<Shown | undefined> {
    try {
      return await insisting(async (how) => shelf.get?.(id, how), options);
    } catch (error) {
      if (needsDelete(this.#known[shelf.kind].get(id) ?? neverAbsent, undefined))
        await this.#delete(shelf, id, options);
      throw error;
    }
  }

  async #delete(shelf: Shelf, id: string, options?: CallOptions): Promise<void> {
    const { accepted, volumeIds = [] } = await deleted(shelf, id, options);
    if (!accepted) return;
    this.#existed(shelf, id);
    this.#released(shelf, id);
    const known = this.#known[shelf.kind];
    known.set(id, { ...(known.get(id) ?? neverAbsent), acknowledged: true });
    for (const volume of volumeIds) {
      this.#known.volumes.set(volume, { ...(this.#known.volumes.get(volume) ?? neverAbsent), acknowledged: true });
    }
  }

  #existed({ kind }: Shelf, id: string): void {
    if (kind === 'instances' || kind === 'jobDeployments') this.#found.add(id);
  }

  #released(shelf: Shelf, id: string): void {
    if (shelf.kind === 'instances') this.#account.released(id);
  }

  #isNamed(name: string): boolean {
    return this.#target.name !== undefined && haveSameOwner(name, this.#target.name);
  }

  #isGone(instance: string): boolean {
    return this.#hasEnded(this.#known.instances.get(instance) ?? neverAbsent);
  }

  #hasEnded(absence: Absence): boolean {
    return isGone(absence, this.#rules, this.#account.state);
  }

  #learnVolumes({ volumeIds = [] }: Shown): void {
    const { volumes } = this.#known;
    for (const id of volumeIds) if (!volumes.has(id)) volumes.set(id, neverAbsent);
  }
}

/** Options of {@link destroyUntilGone}. */
export interface DestroyOptions extends Omit<TeardownOptions, 'clock'>, CallOptions {
  /** Time to wait by. Default: the system's. */
  readonly clock?: Clock | undefined;
}

const firstPauseMs = 500;

/**
 * Destroys what carries a name until the vendor shows none of it, as {@link Teardown} defines it.
 * @throws CloudError that no waiting cures, such as `unauthorized`; the signal's reason when it aborts.
 */
export async function destroyUntilGone(
  cloud: Cloud,
  target: TeardownTarget,
  options: DestroyOptions = {},
): Promise<void> {
  const { signal, clock = systemClock, pollIntervalMs = defaults.pollIntervalMs } = options;
  const teardown = new Teardown(cloud, target, options);
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, pollIntervalMs)) {
    signal?.throwIfAborted();
    const gone = await teardown.sweep({ signal }).catch((error: unknown) => {
      if (!isTransient(error)) throw error;
      return false;
    });
    if (gone) return;
    await pause(clock, pauseMs, signal);
  }
}

function shelvesOf(cloud: Cloud): readonly Shelf[] {
  const { volumes, keys, jobs } = cloud;
  const shelves: (Shelf | undefined)[] = [
    {
      kind: 'instances',
      list: async (options) => (await cloud.listInstances(options)).map(shownInstance),
      get: async (id, options) => {
        const found = await cloud.getInstance(id, options);
        return found && shownInstance(found);
      },
      delete: (id, options) => cloud.deleteInstance(id, options),
    },
    volumes && {
      kind: 'volumes',
      list: async (options) =>
        (await volumes.list(options)).map(({ id, name, instanceIds }) => ({
          id,
          name,
          state: 'there',
          heldBy: instanceIds,
        })),
      delete: (id, options) => volumes.delete(id, options),
    },
    keys && {
      kind: 'keys',
      list: async (options) => (await keys.list(options)).map(({ id, name }) => ({ id, name, state: 'there' })),
      delete: (id, options) => keys.delete(id, options),
    },
    jobs && {
      kind: 'jobDeployments',
      list: async (options) => (await jobs.list(options)).map((name) => ({ id: name, name })),
      get: async (name, options) => {
        const found = await jobs.get(name, options);
        return found && { id: name, name, state: found.status === 'deleting' ? 'deleting' : 'there' };
      },
      delete: (name, options) => jobs.delete(name, options),
    },
  ];
  return shelves.filter((shelf) => shelf !== undefined);
}

function shownInstance({ id, name, status, volumeIds }: Instance): Shown {
  const state = status === 'gone' || status === 'deleting' ? status : 'there';
  return { id, name, state, volumeIds };
}

/** A vendor may ask for a pause of hours, while an instance bills. The call is sent all the same, once for each sweep. */
async function insisting<T>(call: (options?: CallOptions) => Promise<T>, options?: CallOptions): Promise<T> {
  try {
    return await call(options);
  } catch (error) {
    if (!CloudError.isInstance(error) || error.kind !== 'rate-limited') throw error;
    return call({ ...options, priority: 'high' });
  }
}

/** A `conflict`, such as during provisioning, is retried at the next poll. */
async function deleted(shelf: Shelf, id: string, options?: CallOptions): Promise<Deletion> {
  try {
    return await insisting((how) => shelf.delete(id, how), options);
  } catch (error) {
    if (CloudError.isInstance(error) && error.kind === 'conflict') return { accepted: false };
    throw error;
  }
}
