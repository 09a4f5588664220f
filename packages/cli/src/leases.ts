import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import {
  type InstanceConnection,
  isLeaseName,
  JobNotFoundError,
  jobHandle,
  LeaseError,
  type LeaseSummary,
  leaseCost,
  leaseHandle,
  leaseId,
  leaseSummary,
} from '@gpu-clouds/jobs';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { CliError, exitCodes } from './cli-error.ts';
import { fleetOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** Returns the name of the lease that `up` starts when all attempts before it failed. Each name can be used only once. */
export function attemptName(name: string, attempt: number): string {
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  return `${name.slice(0, maxName - suffix.length)}${suffix}`;
}

/** A lease as commands print it in JSON. */
export interface LeaseWithCost extends LeaseSummary {
  /** US dollars so far, or in total. Absent if the price is unknown. */
  readonly cost?: number | undefined;
}

/** @param now End of the counted time of a lease that has not ended, in milliseconds since the epoch. */
export function withCost(lease: LeaseSummary, now = Date.now()): LeaseWithCost {
  return { ...lease, cost: leaseCost(lease, now) };
}

/** Length of the longest name of a lease. */
const maxName = 60;

/**
 * Returns the latest attempt of the lease with this name, and the number of the last name that is taken. The lease is undefined if there is
 * none. Leases that were started with the name of an attempt are other leases.
 */
export async function latestAttempt(
  client: Client,
  name: string,
  terminal: Terminal,
  summaryOf: SummaryOf = leaseSummary,
): Promise<{ readonly lease: LeaseSummary | undefined; readonly attempt: number }> {
  // The ID of a scheduled run has colons, for example.
  if (!isLeaseName(name)) return { lease: undefined, attempt: 0 };
  const fleet = await fleetOf(terminal, client);
  let latest = await summaryOf(client, leaseId(name, fleet));
  if (latest === undefined) return { lease: undefined, attempt: 0 };
  for (let attempt = 1; ; attempt += 1) {
    if (latest.state !== 'failed') return { lease: latest, attempt };
    const lease = await summaryOf(client, leaseId(attemptName(name, attempt + 1), fleet));
    if (lease === undefined) return { lease: latest, attempt };
    if (lease.replaces === name) latest = lease;
  }
}

/** The name of an attempt, and of the failed lease whose place it takes. */
export interface Attempt {
  readonly name: string;
  readonly replaces: string | undefined;
}

type SummaryOf = (client: Client, id: string) => Promise<LeaseSummary | undefined>;

/**
 * Starts the next attempt of the lease with this name. Skips names of attempts that belong to other leases.
 * @param from Number of the first attempt to start.
 * @param start Starts the lease with this name, in place of a failed one.
 * @returns what was started, and the number of its attempt
 * @throws {LeaseError} when another `up` has started an attempt meanwhile
 */
export async function startAttempt<T>(
  client: Client,
  name: string,
  from: number,
  start: (attempt: Attempt) => Promise<T>,
  terminal: Terminal,
  summaryOf: SummaryOf = leaseSummary,
): Promise<{ readonly started: T; readonly attempt: number }> {
  for (let attempt = from; ; attempt += 1) {
    const own = attemptName(name, attempt);
    try {
      return { started: await start({ name: own, replaces: attempt === 1 ? undefined : name }), attempt };
    } catch (error) {
      if (attempt === 1 || !isTaken(error)) throw error;
      const holder = await summaryOf(client, leaseId(own, await fleetOf(terminal, client)));
      if (holder === undefined || holder.replaces === name) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof LeaseError && error.cause instanceof WorkflowExecutionAlreadyStartedError;
}

/**
 * Returns the lease with this name.
 * @throws {CliError} when there is none
 */
export async function foundLease(client: Client, name: string, terminal: Terminal): Promise<LeaseSummary> {
  const { lease } = await latestAttempt(client, name, terminal);
  if (lease !== undefined) return lease;
  throw new CliError(`There is no lease "${name}". Run "gpu-clouds ls --all" to list leases.`, {
    exitCode: exitCodes.notFound,
  });
}

/**
 * Returns how to connect to the instance of a lease or of a run.
 * @param node Node of the run, from 0.
 * @throws {CliError} when there is no such lease or run, a lease has no such node, or its instance does not answer yet or any more
 */
export async function connectionTo(
  client: Client,
  name: string,
  node: number | undefined,
  terminal: Terminal,
): Promise<InstanceConnection> {
  const { lease } = await latestAttempt(client, name, terminal);
  if (lease !== undefined) refuseNode(name, node);
  const owner =
    lease === undefined
      ? await ownerOfRun(client, name, node ?? 0)
      : lease.endedAt === undefined
        ? lease.id
        : undefined;
  const connection = owner === undefined ? undefined : await leaseHandle(client, owner).connection();
  if (connection !== undefined) return connection;
  throw new CliError(`"${name}" has no instance that answers now. Run "gpu-clouds show ${name}" to see its state.`, {
    exitCode: exitCodes.failure,
  });
}

/**
 * Refuses the node of a lease, which has one instance.
 * @throws {CliError} for any other node than the first
 */
export function refuseNode(lease: string, node: number | undefined): void {
  if (node === undefined || node === 0) return;
  throw new CliError(`The lease "${lease}" has one instance, so there is no node ${node}. Leave out --node.`, {
    exitCode: exitCodes.usage,
  });
}

async function ownerOfRun(client: Client, id: string, node: number): Promise<string | undefined> {
  try {
    const { activeInstances } = await jobHandle(client, id).status();
    const instance = activeInstances.find((one) => one.node === node);
    return instance === undefined ? undefined : ownerIdOf(instance.instanceName);
  } catch (error) {
    if (!(error instanceof JobNotFoundError)) throw error;
    throw new CliError(
      `There is no lease and no run "${id}". Run "gpu-clouds ls --all" or "gpu-clouds ps --all" to list them.`,
      { cause: error, exitCode: exitCodes.notFound },
    );
  }
}
