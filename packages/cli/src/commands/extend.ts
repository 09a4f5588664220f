import { leaseHandle } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import { foundLease } from '../leases.ts';
import { elapsed, moment } from '../output/format.ts';
import { noteMissingWorker, untilStopped, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Extends a lease so that it lasts at least `duration` from now.
 * @throws {CliError} when the lease is unknown or has ended
 */
export async function extend(
  asked: string,
  duration: string,
  { json }: { readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const { id, name, endedAt, state, message } = await foundLease(client, asked, terminal);
    if (endedAt !== undefined)
      throw new CliError(`The lease "${name}" has ended: ${message ?? state}. Run "gpu-clouds up" for another one.`, {
        exitCode: exitCodes.notFound,
      });
    await noteMissingWorker(client, terminal);
    const mustEndBy = await untilStopped(client, terminal, () => leaseHandle(client, id).extend(duration));
    if (json) terminal.out(JSON.stringify({ name, id, mustEndBy }));
    else terminal.note(`${name} ends in ${elapsed(mustEndBy.getTime() - Date.now())}, at ${moment(mustEndBy)}.`);
  });
}
