import {
  JobFailedError,
  LeaseError,
  type LeaseHandle,
  type LeaseSummary,
  leaseHandle,
  leaseId,
  leaseSummary,
  listLeases,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError } from '../cli-error.ts';
import { durationOption } from '../duration-option.ts';
import { firstOf } from '../first-of.ts';
import { dollars, elapsed } from '../output/format.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { removeEndedSshFiles, removeSshFiles, sshCommand } from '../ssh-files.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly json?: boolean | undefined;
}

/** Lists the leases of this fleet, newest first. */
export async function list(
  { all = false, limit, json }: Options & { readonly all?: boolean; readonly limit: number },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await removeEndedSshFiles(client, terminal);
    const leases = await firstOf(limit, listLeases(client, { fleet: await fleetOf(terminal, client), running: !all }));
    if (json) terminal.out(JSON.stringify(leases));
    else if (leases.length > 0) terminal.out(leasesTable(leases));
    else terminal.note(all ? 'No leases.' : 'No active leases. Use --all to include ended leases.');
  });
}

/** Shows the state of a lease and, once SSH answers, the command that logs in. */
export async function show(name: string, { json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await removeEndedSshFiles(client, terminal);
    const lease = await found(client, name, terminal);
    // Printed first: the next step fails without the master secret.
    if (!json) terminal.note(line(lease));
    const connection = lease.state === 'ready' ? await leaseHandle(client, lease.id).connection() : undefined;
    const ssh = connection === undefined ? undefined : await sshCommand(connection, terminal);
    if (json) terminal.out(JSON.stringify({ ...lease, connection, ssh }));
    else if (ssh !== undefined) terminal.out(ssh);
    else if (lease.endedAt === undefined)
      terminal.note('SSH is not available: the instance is still starting, or is being destroyed.');
  });
}

/**
 * Extends a lease so that it lasts at least `duration` from now.
 * @throws {CliError} when the lease is unknown or has ended
 */
export async function extend(name: string, duration: string, { json }: Options, terminal: Terminal): Promise<void> {
  durationOption('<duration>', duration);
  await withTemporal(terminal, async (client) => {
    const { id, endedAt, state, message } = await found(client, name, terminal);
    if (endedAt !== undefined) throw new CliError(`The lease "${name}" has ended: ${message ?? state}.`);
    await noteMissingWorker(client, terminal);
    const mustEndBy = await untilStopped(client, terminal, () => leaseHandle(client, id).extend(duration));
    if (json) terminal.out(JSON.stringify({ name, id, mustEndBy }));
    else terminal.note(`${name} will be destroyed at ${mustEndBy.toISOString()}.`);
  });
}

/** Releases a lease, and waits until its instance is gone unless `detach` is set. Safe to call twice. */
export async function release(
  name: string,
  { detach = false, json }: Options & { readonly detach?: boolean },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const { id, endedAt } = await found(client, name, terminal);
    const lease = leaseHandle(client, id);
    if (endedAt === undefined) {
      await noteMissingWorker(client, terminal);
      await untilStopped(client, terminal, () => released(lease));
      if (!detach) {
        terminal.note(`${name} is released. Waiting until its instance is gone…`);
        await untilStopped(client, terminal, () => ended(lease));
      }
    }
    await removeSshFiles(id, terminal);
    const gone = endedAt !== undefined || !detach;
    if (json) terminal.out(JSON.stringify({ name, id, released: true, gone }));
    else terminal.note(gone ? `${name} is gone.` : `${name} is released. Its instance is being destroyed.`);
  });
}

/** Requests the release. Ignores the error that the instance is already being destroyed. */
async function released(lease: LeaseHandle): Promise<void> {
  await lease.release().catch((error: unknown) => {
    if (!(error instanceof LeaseError)) throw error;
  });
}

/** Waits until the lease has ended. A failed lease counts too: its instance is gone as well. */
async function ended(lease: LeaseHandle): Promise<void> {
  await lease.ended().catch((error: unknown) => {
    if (!(error instanceof JobFailedError)) throw error;
  });
}

/** Makes a call that the signal of the terminal aborts. */
function untilStopped<T>(client: Client, { signal }: Terminal, call: () => Promise<T>): Promise<T> {
  // `withAbortSignal` ignores a signal that has already aborted.
  signal.throwIfAborted();
  return client.connection.withAbortSignal(signal, call);
}

async function found(client: Client, name: string, terminal: Terminal): Promise<LeaseSummary> {
  const lease = await leaseSummary(client, leaseId(name, await fleetOf(terminal, client)));
  if (lease !== undefined) return lease;
  throw new CliError(`There is no lease "${name}". Run "gpu-clouds lease list --all" to list leases.`);
}

function line(lease: LeaseSummary): string {
  const { name, state, gpus, vendor, pricePerHour, mustEndBy, endedAt, message } = lease;
  return [
    `${name}: ${state}${message === undefined ? '' : ` (${message})`}`,
    ...(gpus === undefined ? [] : [`${gpus} at ${vendor}`]),
    ...(pricePerHour === undefined ? [] : [`${dollars(pricePerHour)}/hour`]),
    ...(endedAt !== undefined || mustEndBy === undefined ? [] : [`destroyed at ${mustEndBy.toISOString()}`]),
  ].join(', ');
}

function leasesTable(leases: readonly LeaseSummary[]): string {
  const now = Date.now();
  const left = ({ mustEndBy, endedAt }: LeaseSummary) =>
    mustEndBy === undefined || endedAt !== undefined ? '' : elapsed(Math.max(0, mustEndBy.getTime() - now));
  return table(leases, [
    { title: 'NAME', value: (lease) => lease.name },
    { title: 'STATE', value: (lease) => lease.state },
    { title: 'INSTANCE', value: ({ gpus, vendor }) => (gpus === undefined ? '' : `${gpus} at ${vendor}`) },
    {
      title: '$/HOUR',
      value: ({ pricePerHour }) => (pricePerHour === undefined ? '' : dollars(pricePerHour)),
      align: 'right',
    },
    {
      title: 'FOR',
      value: ({ startedAt, endedAt }) => elapsed((endedAt?.getTime() ?? now) - startedAt.getTime()),
      align: 'right',
    },
    { title: 'LEFT', value: left, align: 'right' },
  ]);
}
