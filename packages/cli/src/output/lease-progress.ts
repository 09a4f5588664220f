import { type LeaseSummary, leaseSummary } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { readPersistently } from '../temporal.ts';
import { TemporalLoss } from '../temporal-loss.ts';
import { pause, type Terminal } from '../terminal.ts';
import { dollars, elapsed } from './format.ts';

/** Milliseconds between two polls. */
const pollIntervalMs = 500;

/**
 * Prints a line for each change until SSH answers or the instance has ended. Keeps polling while no worker answers.
 * @returns `interrupted` when the signal of the terminal aborts first
 */
export async function followLease(
  client: Client,
  id: string,
  terminal: Terminal,
): Promise<'ready' | 'ended' | 'interrupted'> {
  const start = Date.now();
  let last: LeaseSummary['state'] | undefined;
  const loss = new TemporalLoss(id, 'gpu-clouds ls', terminal);
  try {
    while (!terminal.signal.aborted) {
      const lease = await readPersistently(client, loss, terminal, () => leaseSummary(client, id));
      if (terminal.signal.aborted) break;
      if (lease?.state === 'ready') return 'ready';
      if (lease === undefined || lease.endedAt !== undefined) return 'ended';
      const { state, pricePerHour = 0 } = lease;
      const line = state === 'running' ? 'no worker answers; the lease continues once one does' : state;
      if (state !== last) terminal.note(`${elapsed(Date.now() - start).padStart(8)}  ${line}`);
      last = state;
      terminal.status?.(() => {
        const since = Date.now() - start;
        return `${line}  ${elapsed(since)}  ${dollars((pricePerHour * since) / 3_600_000)}`;
      });
      await pause(terminal, pollIntervalMs);
    }
    return 'interrupted';
  } catch (error) {
    if (terminal.signal.aborted) return 'interrupted';
    throw error;
  } finally {
    terminal.status?.(undefined);
  }
}
