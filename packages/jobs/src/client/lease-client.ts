import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { formatInstanceName, type Offer } from '@gpu-clouds/clouds/pure';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type {
  Extension,
  InstanceConnection,
  InstanceEnd,
  InstanceFacts,
  InstanceRequest,
  Release,
} from '../instance-api.ts';
import { durationSeconds } from '../job/duration.ts';
import { searchAttributes } from '../search-attributes.ts';
import { instanceNames, taskQueues, workflowNames } from '../workflow-api.ts';
import { failureOf, isUnknownAttribute, SearchAttributesError, unpreparedNamespace } from './job-client.ts';
import { leaseMemo } from './lease-summary.ts';
import { mayHaveStarted, UncertainStartError } from './uncertain-start.ts';

/** What {@link leaseInstance} rents, for how long, and for how many dollars at most. */
export interface LeaseOptions {
  /** What to rent: from `listOffers` of a cloud, `rankOffers` over several. There is no other offer to fall back on. */
  readonly offer: Offer;
  /** Time to live from the create call on, booting included: `90s`, `30m`, `2h`. Then the instance is destroyed whatever it does. */
  readonly ttl: string;
  /** How far `extend` can put that off, from the create call on too. Default `7d`. */
  readonly maxTtl?: string;
  /** US dollars, from the create call on: the instance is destroyed when they are spent, whatever its time. */
  readonly maxCost?: number;
  /** Up to 60 letters, digits and hyphens, used once only: starting a lease again is refused instead of renting twice. Default: random. */
  readonly name?: string;
  /** Whose instance it is; the worker's own fleet has to be the same. Default `default`. */
  readonly fleet?: string;
  /** The cloud's own name of an image. One with a CUDA driver when left out. */
  readonly image?: string;
  /** GiB of disk. */
  readonly storage?: number;
  /** Lets Temporal be searched for it. The namespace needs `registerSearchAttributes` first. Default false. */
  readonly searchable?: boolean;
}

/** One instance that somebody leased. */
export interface LeaseHandle {
  /** The instance's label: its name with the cloud, and the id of the workflow that owns it. */
  readonly id: string;
  /** What is known of the instance so far. */
  facts(): Promise<InstanceFacts>;
  /** How to get in. Undefined until SSH answers, and once the instance is being destroyed. */
  connection(): Promise<InstanceConnection | undefined>;
  /**
   * Waits until SSH answers.
   * @throws LeaseError when the instance ends before.
   */
  ready(): Promise<InstanceConnection>;
  /**
   * Lets the instance live for at least this long from now on: `30m`, `2h`. The dollars that it may cost stay what they are.
   * @returns when it is destroyed now.
   * @throws LeaseError when that is beyond `maxTtl`, or the instance is being destroyed already.
   */
  extend(duration: string): Promise<Date>;
  /**
   * Gives the instance back. Returns when that is on record; wait for `ended` to see it gone.
   * @throws LeaseError when it is being destroyed already, or is no lease but the instance of a run.
   */
  release(): Promise<void>;
  /**
   * Waits until the instance is gone, and says why.
   * @throws JobFailedError when somebody cancelled or terminated the lease.
   */
  ended(): Promise<InstanceEnd>;
}

/** A lease cannot do what it was asked to. The message says why. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError';
}

/** Milliseconds between two looks at an instance that is not ready. */
const lookEveryMs = 500;

/**
 * Rents one instance, for a time and no job: it is destroyed when the time is over, when it is released, or when its dollars are spent,
 * whether or not whoever leased it is still there. Returns as soon as Temporal has the lease.
 * @throws LeaseError, SearchAttributesError
 * @throws UncertainStartError when Temporal did not answer, with the lease's id: give it back, or lease it again under the same name.
 */
export async function leaseInstance(client: Client, options: LeaseOptions): Promise<LeaseHandle> {
  const { offer, fleet = 'default', searchable = false } = options;
  const name = options.name ?? randomBytes(8).toString('hex');
  const request = requestOf(options, leaseId(name, fleet));
  try {
    await client.workflow.start(workflowNames.instance, {
      workflowId: request.instanceName,
      taskQueue: taskQueues.workflows,
      args: [request],
      memo: { ...leaseMemo(name, fleet, offer) },
      staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor}, leased as ${name}`,
      ...(searchable ? { typedSearchAttributes: [{ key: searchAttributes.vendor, value: offer.vendor }] } : {}),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (searchable && isUnknownAttribute(error)) throw new SearchAttributesError(unpreparedNamespace, { cause: error });
    if (mayHaveStarted(error)) throw uncertainLease(name, request.instanceName, error);
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new LeaseError(`There is a lease "${name}" already, or was: choose another name.`, { cause: error });
  }
  return leaseHandle(client, request.instanceName);
}

/** A lease by its id. Asks nobody: an unknown id shows when the handle is used. */
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
        const there = await connection();
        if (there !== undefined) return there;
        const { status } = await found(id, owner.describe());
        const { state } = await facts();
        if (state === 'destroying' || status.name !== 'RUNNING') throw await whyItEnded(id, owner.result());
        await delay(lookEveryMs);
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
 * The id of the lease that has this name: {@link leaseHandle} takes it. No run's machine has such a instance name.
 * @throws LeaseError when that cannot be a name.
 */
export function leaseId(name: string, fleet = 'default'): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/.test(name)) {
    throw new LeaseError(`"${name}" cannot be a lease's name: use up to 60 letters, digits and hyphens.`);
  }
  return formatInstanceName({ fleet: fleet, run: `lease ${name}`, ordinal: 0 });
}

function requestOf(options: LeaseOptions, instanceName: string): InstanceRequest {
  const { offer, ttl, maxTtl, maxCost, image, storage, searchable } = options;
  const ttlSeconds = secondsOf(ttl, 'ttl');
  const maxTtlSeconds = Math.max(ttlSeconds, secondsOf(maxTtl ?? '7d', 'maxTtl'));
  if (maxCost !== undefined && !(maxCost > 0)) throw new LeaseError(`maxCost is more than 0 dollars, not ${maxCost}.`);
  return {
    instanceName,
    run: instanceName,
    offer,
    ttlSeconds,
    maxTtlSeconds,
    ...(maxCost === undefined ? {} : { maxDollars: maxCost }),
    ...(image === undefined ? {} : { image }),
    ...(storage === undefined ? {} : { storage }),
    ...(searchable === true ? { searchable } : {}),
  };
}

function secondsOf(duration: string, what: string): number {
  try {
    const seconds = durationSeconds(duration);
    if (seconds > 0) return seconds;
  } catch (error) {
    throw new LeaseError(`${what}: ${error instanceof Error ? error.message : duration}`, { cause: error });
  }
  throw new LeaseError(`${what} is longer than nothing, not ${duration}.`);
}

async function whyItEnded(id: string, result: Promise<InstanceEnd>): Promise<LeaseError> {
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
  const message = `Temporal did not answer whether it has the lease "${name}", whose id is ${id}. If it has, an instance is rented: give it back with \`gpu-clouds lease release ${name}\` or leaseHandle(client, id).release().`;
  return new UncertainStartError(id, message, { cause });
}

/** @throws LeaseError instead of Temporal's errors. */
async function found<T>(id: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new LeaseError(`There is no lease "${id}" that this could be done to.`, { cause: error });
    }
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      throw new LeaseError(error.cause.message, { cause: error });
    }
    throw error;
  }
}
