import { LeaseError, type LeaseSummary, leaseHandle } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import { foundLease } from '../leases.ts';
import { elapsed, moment } from '../output/format.ts';
import { noteMissingWorker, untilStopped, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Extends a lease so that it lasts at least `duration` from now.
 * @throws {CliError} when the lease is unknown, has ended, or is being destroyed
 */
export async function extend(
  asked: string,
  duration: string,
  { json }: { readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const lease = await foundLease(client, asked, terminal);
    checkExtensible(lease);
    const { id, name } = lease;
    await noteMissingWorker(client, terminal);
    const mustEndBy = await untilStopped(client, terminal, async () => {
      try {
        return await leaseHandle(client, id).extend(duration);
      } catch (error) {
        // Its teardown may have begun meanwhile.
        if (error instanceof LeaseError) checkExtensible(await foundLease(client, name, terminal));
        throw error;
      }
    });
    if (json) terminal.out(JSON.stringify({ name, id, mustEndBy }));
    else terminal.note(`${name} ends in ${elapsed(mustEndBy.getTime() - Date.now())}, at ${moment(mustEndBy)}.`);
  });
}

/** @throws {CliError} when the lease has ended, or is about to */
export function checkExtensible({ name, endedAt, state, message }: LeaseSummary): void {
  if (endedAt === undefined && state !== 'destroying') return;
  const why = endedAt === undefined ? 'is being destroyed' : `has ended: ${message ?? state}`;
  throw new CliError(`The lease "${name}" ${why}. Run "gpu-clouds up" for another one.`, {
    exitCode: exitCodes.notFound,
  });
}
