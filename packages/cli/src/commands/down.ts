import { JobFailedError, LeaseError, type LeaseHandle, leaseHandle } from '@gpu-clouds/jobs';
import { exitCodes } from '../cli-error.ts';
import { foundLease } from '../leases.ts';
import { removeSshFiles } from '../ssh-files.ts';
import { noteMissingWorker, untilStopped, withTemporal } from '../temporal.ts';
import { TemporalLoss } from '../temporal-loss.ts';
import type { Terminal } from '../terminal.ts';

export interface DownOptions {
  /** Return before the instance is gone. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Releases a lease, and waits until its instance is gone unless `detach` is set. Safe to call twice.
 * @returns 0, or 130 when interrupted
 */
export async function down(asked: string, { detach = false, json }: DownOptions, terminal: Terminal): Promise<number> {
  return withTemporal(terminal, async (client) => {
    // Its name is that of the latest attempt of `up`, if the first one failed.
    const { id, name, endedAt, runs = [] } = await foundLease(client, asked, terminal);
    const lease = leaseHandle(client, id);
    if (endedAt === undefined) {
      await noteMissingWorker(client, terminal);
      await untilStopped(client, terminal, () => released(lease));
      if (runs.length > 0) {
        const which = runs.map(({ run }) => run).join(', ');
        terminal.note(`Ending what runs on it, within two minutes, with the files that come back: ${which}`);
      }
      if (!detach) {
        terminal.note(`${name} is released. Waiting until its instance is gone…`);
        try {
          const loss = new TemporalLoss(name, 'gpu-clouds ls', terminal);
          await loss.persist(() => untilStopped(client, terminal, () => ended(lease)));
        } catch (error) {
          if (!terminal.signal.aborted) throw error;
          terminal.note(`${name} is released. It bills until its instance is gone: gpu-clouds ls`);
          return exitCodes.interrupted;
        }
      }
    }
    await removeSshFiles(id, terminal);
    const gone = endedAt !== undefined || !detach;
    if (json) terminal.out(JSON.stringify({ name, id, released: true, gone }));
    else terminal.note(gone ? `${name} is gone.` : `${name} is released. It bills until its instance is gone.`);
    return exitCodes.success;
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
