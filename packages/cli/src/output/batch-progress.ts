import { type BatchHandle, type BatchStatus, NoWorkerError } from '@gpu-clouds/jobs';
import { TemporalLoss } from '../temporal-loss.ts';
import { pause, type Terminal } from '../terminal.ts';
import { countsLine } from './batch-tables.ts';
import { elapsed } from './format.ts';

/** Time between two polls. */
const pollIntervalMs = 1000;

/** Prints a line for each change until the batch has ended or the signal of the terminal aborts. Keeps polling while no worker answers. */
export async function followBatch(batch: BatchHandle, terminal: Terminal): Promise<void> {
  const start = Date.now();
  let last = '';
  const loss = new TemporalLoss(batch.id, `gpu-clouds batch status ${batch.id}`, terminal);
  while (!terminal.signal.aborted) {
    const status = await loss
      .persist(() => statusOf(batch))
      .catch((error: unknown) => {
        if (!terminal.signal.aborted) throw error;
      });
    if (terminal.signal.aborted) return;
    const line = status === undefined ? 'no worker answers; the batch continues once one does' : countsLine(status);
    if (line !== last) terminal.note(`${elapsed(Date.now() - start).padStart(8)}  ${line}`);
    last = line;
    if (status !== undefined && status.state !== 'running') return;
    await pause(terminal, pollIntervalMs);
  }
}

/** Returns the status, or undefined while no worker answers. */
async function statusOf(batch: BatchHandle): Promise<BatchStatus | undefined> {
  try {
    return await batch.status();
  } catch (error) {
    if (error instanceof NoWorkerError) return undefined;
    throw error;
  }
}
