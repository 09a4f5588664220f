import { setTimeout as delay } from 'node:timers/promises';
import { type BatchHandle, type BatchStatus, NoWorkerError } from '@gpu-clouds/jobs';
import type { Terminal } from '../terminal.ts';
import { countsLine } from './batch-tables.ts';
import { elapsed } from './format.ts';

/** Milliseconds between two looks. */
const interval = 1000;

/** A line for each change, until the batch has ended or the terminal says stop. While no worker answers it says so, once, and waits. */
export async function followBatch(batch: BatchHandle, terminal: Terminal): Promise<void> {
  const start = Date.now();
  let last = '';
  while (!terminal.signal.aborted) {
    const status = await answered(batch);
    const line = status === undefined ? 'no worker answers; the batch goes on when one does' : countsLine(status);
    if (line !== last) terminal.note(`${elapsed(Date.now() - start).padStart(8)}  ${line}`);
    last = line;
    if (status !== undefined && status.state !== 'running') return;
    await delay(interval, undefined, { signal: terminal.signal }).catch(() => undefined);
  }
}

async function answered(batch: BatchHandle): Promise<BatchStatus | undefined> {
  try {
    return await batch.status();
  } catch (error) {
    if (error instanceof NoWorkerError) return undefined;
    throw error;
  }
}
