import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { formatInstanceName, formatOwnerId, type Offer } from '@gpu-clouds/clouds/pure';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { contractVersion } from '../contract-version.ts';
import { fleetOf } from '../fleet.ts';
import type {
  Extension,
  InstanceConnection,
  InstanceEnd,
  InstanceFacts,
  InstanceRequest,
  Release,
} from '../instance-api.ts';
import { durationSeconds, isTooLong, maxDuration } from '../job/duration.ts';
import { LeaseError } from '../lease/lease-error.ts';
import { searchAttributes } from '../search-attributes.ts';
import { instanceNames, taskQueues, workflowNames } from '../workflow-api.ts';
import { failureOf, isUnknownAttribute, SearchAttributesError, unpreparedNamespace } from './job-client.ts';
import { leaseMemo } from './lease-summary.ts';
import { mayHaveStarted, UncertainStartError } from './uncertain-start.ts';

/** Options of {@link leaseInstance}. */
export interface LeaseOptions {
  /** The offer to rent, from `listOffers` or `rankOffers`. No other offer is tried. */
  readonly offer: Offer;
  /** TTL from the create call, including booting: `90s`, `30m`, `2h`, at most `365d`. After it, the instance is destroyed, whatever it is doing. */
  readonly ttl: string;
  /** Maximum TTL from the create call, beyond which `extend` is refused: `8h`, `7d`. At least `ttl`. Default: `24h`, or `ttl` if that is longer. */
  readonly maxTtl?: string | undefined;
  /** Maximum cost in US dollars from the create call. The instance is destroyed once it has cost this much. Default: no limit. */
  readonly maxCost?: number | undefined;
  /**
   * Time without use after which the instance is destroyed before its TTL is over: `30m`, `2h`. An instance is in use
   * while somebody is logged in over SSH, a GPU is busy for more than 2 %, the load is at least 0.2 per processor, or a run uses or awaits the lease.
   * `extend` restarts the time. At most five minutes before the end, {@link InstanceFacts.idle} says so, and the terminals of the instance show it. An instance that does not
   * answer counts as used. Default: only the TTL counts.
   */
  readonly idle?: string | undefined;
  /** Up to 60 letters, digits, and hyphens. A name can be used only once, so that a repeated call cannot rent twice. Default: random. */
  readonly name?: string | undefined;
  /** Name of the failed lease that this one takes the place of, which its `LeaseSummary` then says. Default: none. */
  readonly replaces?: string | undefined;
  /** The fleet that the instance belongs to. It must be the worker's own fleet. Default: derived from the Temporal namespace. */
  readonly fleet?: string | undefined;
  /** Accounts of the budget that the cost counts to, in addition to the fleet's. Set their limits with `setBudget`. Default: none. */
  readonly budgetAccounts?: readonly string[] | undefined;
  /** The vendor's name of the image. Default: one with a CUDA driver. */
  readonly image?: string | undefined;
  /** Size of the disk in GiB. Default: the vendor's. */
  readonly storage?: number | undefined;
  /** Whether to set search attributes on the lease. Call `registerSearchAttributes` once first. Default: false. */
  readonly searchable?: boolean | undefined;
}

/** A leased instance. */
export interface LeaseHandle {
  /** The instance name, which is also the id of the workflow that owns the instance. */
  readonly id: string;
  /**
   * Returns what is known about the instance so far.
   * @throws {LeaseError} There is no such lease.
   */
  facts(): Promise<InstanceFacts>;
  /**
   * Returns how to connect with SSH. Undefined until SSH answers, and once the teardown has begun.
   * @throws {LeaseError} There is no such lease.
   */
  connection(): Promise<InstanceConnection | undefined>;
  /**
   * Waits until SSH answers.
   * @throws {LeaseError} There is no such lease, or it ended before SSH answered.
   */
  ready(): Promise<InstanceConnection>;
  /**
   * Extends the lease so that it lasts at least this long from now: `30m`, `2h`. Does not change `maxCost`.
   * @returns When the instance will now be destroyed.
   * @throws {LeaseError} The time is beyond `maxTtl`, or the teardown has begun.
   */
  extend(duration: string): Promise<Date>;
  /**
   * Releases the instance. Returns once Temporal has recorded the release; use `ended` to wait until the instance is gone.
   * @throws {LeaseError} The teardown has begun, or the instance belongs to a run and not to a lease.
   */
  release(): Promise<void>;
  /**
   * Waits until the instance is gone, and returns why it ended.
   * @throws {JobFailedError} The lease was cancelled or terminated.
   */
  ended(): Promise<InstanceEnd>;
}

/** Milliseconds between two polls of an instance that is not ready. */
const pollIntervalMs = 500;

/**
 * Leases one instance without a job. The instance is destroyed when its TTL is over, when it is released, when `maxCost` is spent, or when nobody
 * has used it for the time `idle`, even if the caller's process has ended. Returns as soon as Temporal has recorded the lease.
 * @throws {LeaseError} The options are invalid, or the name is taken. Nothing was started.
 * @throws {SearchAttributesError} `searchable` is set, but the namespace lacks the search attributes. Nothing was started.
 * @throws {UncertainStartError} Temporal did not answer, so the lease may have started. Release it, or lease again with the same name.
 */
export async function leaseInstance(client: Client, options: LeaseOptions): Promise<LeaseHandle> {
  const { offer, searchable = false } = options;
  const fleet = await fleetOf(client, options.fleet);
  const name = options.name ?? randomBytes(8).toString('hex');
  const id = leaseId(name, fleet);
  const request = requestOf(options, name, fleet);
  try {
    await client.workflow.start(workflowNames.instance, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [request],
      memo: { ...leaseMemo(name, fleet, offer, request), replaces: options.replaces },
      staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor}, leased as ${name}`,
      ...(searchable ? { typedSearchAttributes: [{ key: searchAttributes.vendor, value: offer.vendor }] } : {}),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (searchable && isUnknownAttribute(error)) throw new SearchAttributesError(unpreparedNamespace, { cause: error });
    if (mayHaveStarted(error)) throw uncertainLease(name, id, error);
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new LeaseError(`The name "${name}" is taken by a lease, which may have ended. Choose another name.`, {
      cause: error,
    });
  }
  return leaseHandle(client, id);
}

/** Returns a handle of the lease with this id. Sends no request: if there is no such lease, the methods of the handle throw. */
export function leaseHandle(client: Client, id: string): LeaseHandle {
  const owner = client.workflow.getHandle(id);
  const connection = () => found(id, owner.query<InstanceConnection | undefined>(instanceNames.connection));
  const facts = () => found(id, owner.query<InstanceFacts>(instanceNames.facts));
  return {
    id,
    facts,
    connection,
    async ready() {
      for (;;) {
        const ready = await connection();
        if (ready !== undefined) return ready;
        const { status } = await found(id, owner.describe());
        const { state } = await facts();
        if (state === 'destroying' || status.name !== 'RUNNING') throw await endedBeforeReady(id, owner.result());
        await delay(pollIntervalMs);
      }
    },
    async extend(duration) {
      const extension: Extension = { seconds: secondsOf(duration, 'An extension') };
      const args: [Extension] = [extension];
      return new Date(await found(id, owner.executeUpdate<string, [Extension]>(instanceNames.extend, { args })));
    },
    release: () => found(id, owner.executeUpdate<void, [Release]>(instanceNames.release, { args: [{ run: id }] })),
    async ended() {
      try {
        return await found(id, owner.result());
      } catch (error) {
        throw error instanceof WorkflowFailedError ? failureOf(id, error) : error;
      }
    },
  };
}

/**
 * Returns the id of the lease with this name, for {@link leaseHandle}. No instance of a run can have it.
 * @throws {LeaseError} The name is invalid.
 */
export function leaseId(name: string, fleet: string): string {
  if (!isLeaseName(name)) {
    throw new LeaseError(
      `"${name}" cannot be a lease's name. Use up to 60 letters, digits, and hyphens, and start with a letter or digit.`,
    );
  }
  return formatOwnerId(ownerOf(name, fleet));
}

/** Returns whether a lease can have this name: up to 60 letters, digits, and hyphens. */
export function isLeaseName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/.test(name);
}

function ownerOf(name: string, fleet: string) {
  return { fleet, run: `lease ${name}`, ordinal: 0 };
}

/** The maximum TTL by default. */
const dayInSeconds = 24 * 3600;

function requestOf(options: LeaseOptions, name: string, fleet: string): InstanceRequest {
  const { offer, ttl, maxTtl, maxCost, idle, image, storage, budgetAccounts, searchable } = options;
  const ttlSeconds = secondsOf(ttl, 'ttl');
  const maxTtlSeconds = maxTtl === undefined ? Math.max(ttlSeconds, dayInSeconds) : secondsOf(maxTtl, 'maxTtl');
  if (maxTtlSeconds < ttlSeconds)
    throw new LeaseError(`ttl is ${ttl}, which is longer than maxTtl, ${maxTtl}. Shorten ttl, or raise maxTtl.`);
  if (maxCost !== undefined && !(maxCost > 0))
    throw new LeaseError(`maxCost must be more than 0 US dollars, not ${maxCost}.`);
  return {
    instanceName: formatInstanceName({ ...ownerOf(name, fleet), deadline: Date.now() + maxTtlSeconds * 1000 }),
    run: leaseId(name, fleet),
    offer,
    ttlSeconds,
    maxTtlSeconds,
    idleSeconds: idle === undefined ? undefined : secondsOf(idle, 'idle'),
    maxDollars: maxCost,
    image,
    storage,
    budgetAccounts,
    contract: contractVersion,
    searchable: searchable || undefined,
  };
}

function secondsOf(duration: string, what: string): number {
  try {
    const seconds = durationSeconds(duration);
    if (seconds > 0 && !isTooLong(duration)) return seconds;
  } catch (error) {
    throw new LeaseError(`${what}: ${error instanceof Error ? error.message : duration}`, { cause: error });
  }
  throw new LeaseError(`${what} must be longer than 0 and at most ${maxDuration}, not ${duration}.`);
}

async function endedBeforeReady(id: string, result: Promise<InstanceEnd>): Promise<LeaseError> {
  try {
    const end = await result;
    return new LeaseError(
      end.why === 'failed' ? `${end.kind}: ${end.message}` : `${id} ended before it was ready: ${end.why}.`,
    );
  } catch (error) {
    return new LeaseError(error instanceof WorkflowFailedError ? failureOf(id, error).message : String(error), {
      cause: error,
    });
  }
}

function uncertainLease(name: string, id: string, cause: Error): UncertainStartError {
  const message = `Temporal did not answer whether it has the lease "${name}", whose id is ${id}. If it has, an instance is rented. Release it with "gpu-clouds down ${name}" or leaseHandle(client, id).release().`;
  return new UncertainStartError(id, message, { cause });
}

/**
 * Awaits a call to Temporal.
 * @throws {LeaseError} In place of Temporal's errors.
 */
async function found<T>(id: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new LeaseError(`There is no lease "${id}", or it has ended. Run "gpu-clouds ls --all" to list leases.`, {
        cause: error,
      });
    }
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      throw new LeaseError(error.cause.message, { cause: error });
    }
    throw error;
  }
}
