import { type Offer, type Vendor, vendors } from '@gpu-clouds/clouds/pure';
import {
  type Client,
  type WorkflowExecutionInfo,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { InstanceEnd, InstanceFacts } from '../instance-api.ts';
import { instanceNames, mustEndByMemo, workflowNames } from '../workflow-api.ts';
import { fleetOf, isLive, type ListOptions, newestOf, textOf } from './list-jobs.ts';

/** One line of {@link listLeases}. */
export interface LeaseSummary {
  /** The instance's label: {@link leaseHandle} takes it. */
  readonly id: string;
  /** What it was called when it was leased. */
  readonly name: string;
  /** Whose instance it is. */
  readonly fleet: string;
  /** How the instance stands, `running` where no worker answers within 5 seconds, or how the lease ended. */
  readonly state: InstanceFacts['state'] | 'running' | InstanceEnd['why'] | 'cancelled' | 'terminated';
  /** Why it failed, in a sentence. */
  readonly message?: string;
  /** The cloud that it is rented from. */
  readonly vendor?: Vendor;
  /** `2x H100 SXM`. */
  readonly gpus?: string;
  /** US dollars an hour: what the cloud says of the instance once it does, else of the offer. */
  readonly pricePerHour?: number;
  /** When Temporal took it. */
  readonly startedAt: Date;
  /** When the instance is destroyed unless somebody extends the lease. Absent before a worker has taken it up. */
  readonly mustEndBy?: Date;
  /** When the instance was gone. Absent before. */
  readonly endedAt?: Date;
}

/** What the memo of a lease holds; the instance of a run has another. */
export function leaseMemo(name: string, fleet: string, offer: Offer) {
  const { vendor, gpu, gpuCount, pricePerHour } = offer;
  return { name, fleet, vendor, gpus: `${gpuCount}x ${gpu}`, pricePerHour };
}

/** Of a list's row and of a description alike. */
type Info = Omit<WorkflowExecutionInfo, 'raw'>;

/** Milliseconds to wait for a worker's answer. */
const queryTimeoutMs = 5000;

/** Leases that Temporal remembers, newest first. Lags about a second behind. */
export async function* listLeases(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<LeaseSummary, void, undefined> {
  for await (const info of newestOf(client, workflowNames.instance, options)) {
    if (isLease(info)) yield await summaryOf(client, info);
  }
}

/** How one lease stands; undefined when Temporal knows none of that id. */
export async function leaseSummary(client: Client, id: string): Promise<LeaseSummary | undefined> {
  try {
    const info = await client.workflow.getHandle(id).describe();
    return isLease(info) ? await summaryOf(client, info) : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The instance of a run has no name of its own. */
function isLease({ type, memo }: Info): boolean {
  return type === workflowNames.instance && textOf(memo?.name) !== undefined;
}

async function summaryOf(client: Client, info: Info): Promise<LeaseSummary> {
  const { workflowId: id, memo = {}, startTime, closeTime } = info;
  const vendor = vendors.find((known) => known === memo.vendor);
  const [gpus, mustEndBy] = [textOf(memo.gpus), textOf(memo[mustEndByMemo])];
  return {
    id,
    name: textOf(memo.name) ?? id,
    fleet: fleetOf(info),
    startedAt: startTime,
    ...(vendor === undefined ? {} : { vendor }),
    ...(gpus === undefined ? {} : { gpus }),
    ...(typeof memo.pricePerHour === 'number' ? { pricePerHour: memo.pricePerHour } : {}),
    ...(mustEndBy === undefined ? {} : { mustEndBy: new Date(mustEndBy) }),
    ...(closeTime === undefined ? {} : { endedAt: closeTime }),
    ...(isLive(info) ? await standing(client, id) : await ending(client, info)),
  };
}

async function standing(client: Client, id: string): Promise<Pick<LeaseSummary, 'state' | 'pricePerHour'>> {
  const ask = () => client.workflow.getHandle(id).query<InstanceFacts>(instanceNames.facts);
  try {
    const { state, pricePerHour } = await client.connection.withDeadline(Date.now() + queryTimeoutMs, ask);
    return { state, pricePerHour };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    return { state: 'running' };
  }
}

async function ending(client: Client, { workflowId, status }: Info): Promise<Pick<LeaseSummary, 'state' | 'message'>> {
  try {
    const end: InstanceEnd = await client.workflow.getHandle(workflowId).result();
    return end.why === 'failed' ? { state: end.why, message: `${end.kind}: ${end.message}` } : { state: end.why };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (status.name === 'CANCELLED') return { state: 'cancelled' };
    if (status.name === 'TERMINATED') return { state: 'terminated' };
    return { state: 'failed', message: error.cause?.message ?? error.message };
  }
}
