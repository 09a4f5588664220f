import { setTimeout as delay } from 'node:timers/promises';
import { type InstanceConnection, type LeaseSummary, leaseHandle, leaseSummary } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import type { Terminal } from '../terminal.ts';
import { elapsed } from './format.ts';

/** Milliseconds between two looks. */
const interval = 500;

/**
 * A line for each change, until SSH answers. Undefined when the terminal says stop before. While no worker answers it says so, and waits.
 * @throws LeaseError when the instance ends before.
 */
export async function followLease(
  client: Client,
  id: string,
  terminal: Terminal,
): Promise<InstanceConnection | undefined> {
  const start = Date.now();
  let last: LeaseSummary['state'] | undefined;
  while (!terminal.signal.aborted) {
    const state = (await leaseSummary(client, id))?.state;
    const line = state === 'running' ? 'no worker answers; the lease goes on when one does' : state;
    if (state !== last && line !== undefined) terminal.note(`${elapsed(Date.now() - start).padStart(8)}  ${line}`);
    last = state;
    const isWaiting = state === 'creating' || state === 'booting' || state === 'running';
    // Ready, or at its end: either is told at once.
    if (!isWaiting) return leaseHandle(client, id).ready();
    await delay(interval, undefined, { signal: terminal.signal }).catch(() => undefined);
  }
  return undefined;
}
