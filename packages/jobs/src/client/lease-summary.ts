import { type Offer, orderedPricePerHour, type Vendor, vendors } from '@gpu-clouds/clouds/pure';
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import type { IdleLease, InstanceAlarms, InstanceEnd, InstanceFacts, InstanceRequest } from '../instance-api.ts';
import { costOf } from '../job-status.ts';
import type { WorkflowInfo } from '../reader/temporal-reader.ts';
import { instanceNames, type LeasePrices, mustEndByMemo, pricesMemo, workflowNames } from '../workflow-api.ts';
import { concurrently, fleetOf, isLive, type ListOptions, newestOf, textOf } from './list-workflows.ts';

/** One entry of {@link listLeases}. It has alarms while a worker answers. */
export interface LeaseSummary extends InstanceAlarms {
  /** Id of the lease, for {@link leaseHandle}. It is the instance name. */
  readonly id: string;
  /** The name that the lease was started with. */
  readonly name: string;
  /** Name of the failed lease that this one takes the place of. */
  readonly replaces?: string | undefined;
  /** The fleet that the instance belongs to. */
  readonly fleet: string;
  /** State of the instance, or how the lease ended. `running` if no worker answers within 5 seconds. */
  readonly state: InstanceFacts['state'] | 'running' | InstanceEnd['why'] | 'cancelled' | 'terminated';
  /** Why the lease failed, in one sentence. */
  readonly message?: string | undefined;
  /** The vendor that the instance is rented from. */
  readonly vendor?: Vendor | undefined;
  /** Number and name of the GPUs, such as `2x H100 SXM`. */
  readonly gpus?: string | undefined;
  /** US dollars per hour, now or at the end: the higher of the offer's price, including the disk, and the vendor's price of the instance. */
  readonly pricePerHour?: number | undefined;
  /** Earlier prices in US dollars per hour, oldest first. `until` is when each price ended, in ISO 8601. Absent if the price never changed. */
  readonly earlierPrices?: LeasePrices['earlierPrices'] | undefined;
  /** The runs that use the lease, if a worker answers. Absent if there are none. */
  readonly runs?: InstanceFacts['runs'];
  /** Seconds without use after which the lease is released. Absent if it is kept until its TTL is over. */
  readonly idleSeconds?: number | undefined;
  /** Present shortly before the lease is released because nobody uses it, if a worker answers. */
  readonly idle?: IdleLease | undefined;
  /** When Temporal recorded the lease. */
  readonly startedAt: Date;
  /** When the instance is destroyed unless the lease is extended. Absent until a worker has started the lease. */
  readonly mustEndBy?: Date | undefined;
  /** When the lease ended and the instance was gone. Absent until then. */
  readonly endedAt?: Date | undefined;
  /** Present if the lease has ended and never had an instance, for example because the create was refused. It cost nothing. */
  readonly neverExisted?: true | undefined;
}

/**
 * Returns what a lease has cost, in US dollars. Undefined if its price is unknown.
 * @param now End of the counted time of a lease that has not ended, in milliseconds since the epoch.
 */
export function leaseCost(lease: LeaseSummary, now: number) {
  const { pricePerHour, earlierPrices, startedAt, endedAt, neverExisted } = lease;
  if (neverExisted) return 0;
  if (pricePerHour === undefined) return undefined;
  const [since, until] = [startedAt.toISOString(), endedAt?.toISOString()];
  return costOf([{ since, until, pricePerHour, earlierPrices }], now);
}

/** Returns the memo of a lease. Instances of runs have a different memo. */
export function leaseMemo(
  name: string,
  fleet: string,
  offer: Offer,
  { idleSeconds, storage }: Pick<InstanceRequest, 'idleSeconds' | 'storage'>,
) {
  const { vendor, gpu, gpuCount } = offer;
  const prices: LeasePrices = { pricePerHour: orderedPricePerHour(offer, storage), earlierPrices: [] };
  return { name, fleet, vendor, gpus: `${gpuCount}x ${gpu}`, idleSeconds, [pricesMemo]: prices };
}

const price = z.number().min(0);
const prices = z.object({
  pricePerHour: price,
  earlierPrices: z.array(z.object({ until: z.iso.datetime(), pricePerHour: price })),
});

/** Milliseconds to wait for a worker to answer a query. */
const queryTimeoutMs = 5000;

/** Yields the leases that Temporal still has, newest first. New leases may take about a second to appear. */
export async function* listLeases(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<LeaseSummary, void, undefined> {
  yield* concurrently(leasesOf(client, options), (info) => summaryOf(client, info));
}

async function* leasesOf(client: Client, options: ListOptions) {
  for await (const info of newestOf(client, workflowNames.instance, options)) if (isLease(info)) yield info;
}

/** Returns the state of one lease, or undefined if Temporal has no lease with this id. */
export async function leaseSummary(client: Client, id: string): Promise<LeaseSummary | undefined> {
  try {
    const info = await client.workflow.getHandle(id).describe();
    return isLease(info) ? await summaryOf(client, info) : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Only the memo of a lease has a name. */
export function isLease({ type, memo }: WorkflowInfo): boolean {
  return type === workflowNames.instance && textOf(memo?.name) !== undefined;
}

async function summaryOf(client: Client, info: WorkflowInfo): Promise<LeaseSummary> {
  const { workflowId: id, memo = {}, startTime, closeTime } = info;
  const vendor = vendors.find((known) => known === memo.vendor);
  const [gpus, mustEndBy] = [textOf(memo.gpus), textOf(memo[mustEndByMemo])];
  return {
    id,
    name: textOf(memo.name) ?? id,
    replaces: textOf(memo.replaces),
    fleet: fleetOf(info),
    startedAt: startTime,
    vendor,
    gpus,
    ...pricesOf(memo[pricesMemo]),
    idleSeconds: numberOf(memo.idleSeconds),
    mustEndBy: mustEndBy === undefined ? undefined : new Date(mustEndBy),
    endedAt: closeTime,
    ...(isLive(info) ? await liveState(client, id) : await endState(client, info)),
  };
}

/** Returns the prices of an instance from the memo of its owner. */
export function pricesOf(value: unknown): Pick<LeaseSummary, 'pricePerHour' | 'earlierPrices'> {
  const { data } = prices.safeParse(value);
  return {
    pricePerHour: data?.pricePerHour,
    earlierPrices: data?.earlierPrices.length ? data.earlierPrices : undefined,
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

type LiveState = Pick<LeaseSummary, 'state' | 'runs' | 'idle' | keyof InstanceAlarms>;

async function liveState(client: Client, id: string): Promise<LiveState> {
  const ask = () => client.workflow.getHandle(id).query<InstanceFacts>(instanceNames.facts);
  try {
    const facts = await client.connection.withDeadline(Date.now() + queryTimeoutMs, ask);
    const { state, runs, idle, teardownStuckSince, accountSuspectSince } = facts;
    return { state, runs, idle, teardownStuckSince, accountSuspectSince };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    return { state: 'running' };
  }
}

async function endState(
  client: Client,
  { workflowId, status }: WorkflowInfo,
): Promise<Pick<LeaseSummary, 'state' | 'message' | 'neverExisted'>> {
  try {
    const end: InstanceEnd = await client.workflow.getHandle(workflowId).result();
    const { why: state, neverExisted } = end;
    return { state, neverExisted, message: end.why === 'failed' ? `${end.kind}: ${end.message}` : undefined };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (status.name === 'CANCELLED') return { state: 'cancelled' };
    if (status.name === 'TERMINATED') return { state: 'terminated' };
    return { state: 'failed', message: error.cause?.message ?? error.message };
  }
}
