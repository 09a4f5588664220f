import { setTimeout as delay } from 'node:timers/promises';
import { type InstanceConnection, type LeaseSummary, leaseHandle, leaseSummary } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import type { Terminal } from '../terminal.ts';
import { elapsed } from './format.ts';

/** Time between two polls. */
const pollIntervalMs = 500;

/**
 * Prints a line for each change until SSH answers, and returns how to connect. Keeps polling while no worker answers.
 * @returns undefined when the signal of the terminal aborts first
 * @throws {LeaseError} when the instance ends first
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
    const line = state === 'running' ? 'no worker answers; the lease continues once one does' : state;
    if (state !== last && line !== undefined) terminal.note(`${elapsed(Date.now() - start).padStart(8)}  ${line}`);
    last = state;
    const isWaiting = state === 'creating' || state === 'booting' || state === 'running';
    // The lease is ready or ending, so this resolves or rejects at once.
    if (!isWaiting) return leaseHandle(client, id).ready();
    await delay(pollIntervalMs, undefined, { signal: terminal.signal }).catch(() => undefined);
  }
  return undefined;
}
