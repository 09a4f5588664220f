import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceConnection, InstanceFacts, LeaseHandle } from '@gpu-clouds/workflows';
import type { Terminal } from '../terminal.ts';
import { elapsed } from './format.ts';

/** Milliseconds between two looks. */
const interval = 500;

const doing: Readonly<Record<InstanceFacts['state'], string>> = {
  creating: 'creating',
  booting: 'booting',
  ready: 'ready',
  destroying: 'destroying',
};

/**
 * A line for each change, until SSH answers. Undefined when the terminal says stop before.
 * @throws LeaseError when the machine ends before.
 */
export async function followLease(lease: LeaseHandle, terminal: Terminal): Promise<InstanceConnection | undefined> {
  const start = Date.now();
  let last: InstanceFacts['state'] | undefined;
  while (!terminal.signal.aborted) {
    const { state } = await lease.facts();
    if (state !== last) terminal.note(`${elapsed(Date.now() - start).padStart(8)}  ${doing[state]}`);
    last = state;
    // Ready, or at its end: either is told at once.
    if (state === 'ready' || state === 'destroying') return lease.ready();
    await delay(interval, undefined, { signal: terminal.signal }).catch(() => undefined);
  }
  return undefined;
}
