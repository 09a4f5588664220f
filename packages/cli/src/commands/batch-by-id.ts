import { type BatchSummary, batchHandle, JobFailedError, listBatches } from '@gpu-clouds/jobs';
import { firstOf } from '../first-of.ts';
import { followBatch } from '../output/batch-progress.ts';
import { countsLine, itemsTable } from '../output/batch-tables.ts';
import { elapsed } from '../output/format.ts';
import { table } from '../output/table.ts';
import { fleet } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly json?: boolean;
}

/** The batches of this fleet, newest first. */
export async function list(
  { all = false, limit, json }: Options & { readonly all?: boolean; readonly limit: number },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const batches = await firstOf(limit, listBatches(client, { fleet: fleet(terminal), running: !all }));
    if (json) terminal.out(JSON.stringify(batches));
    else if (batches.length === 0)
      terminal.note(all ? 'No batch yet.' : 'No batch is running. --all shows ended ones too.');
    else terminal.out(batchesTable(batches));
  });
}

export async function status(id: string, { json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const found = await batchHandle(client, id).status();
    terminal.out(json ? JSON.stringify(found) : `${id} ${found.state}: ${countsLine(found)}`);
  });
}

export async function results(
  id: string,
  { failed = false, json }: Options & { readonly failed?: boolean },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const ended = await batchHandle(client, id).results();
    const shown = failed ? ended.filter(({ outcome }) => outcome !== 'succeeded') : ended;
    if (json) for (const item of shown) terminal.out(JSON.stringify(item));
    else if (shown.length > 0) terminal.out(itemsTable(shown));
    else terminal.note(ended.length === 0 ? 'No item has ended yet.' : 'All items that have ended succeeded.');
  });
}

export async function drain(id: string, { json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await batchHandle(client, id).drain();
    if (json) terminal.out(JSON.stringify({ id, draining: true }));
    else terminal.note(`${id} starts no further items; those that run go on.`);
  });
}

/** @returns 0 once its runs have ended */
export async function cancel(
  id: string,
  { detach = false, json }: Options & { readonly detach?: boolean },
  terminal: Terminal,
): Promise<number> {
  return withTemporal(terminal, async (client) => {
    const batch = batchHandle(client, id);
    await batch.cancel();
    if (detach) {
      if (json) terminal.out(JSON.stringify({ id, cancelled: 'requested' }));
      else terminal.note(`${id} is asked to end; the instances of its runs are destroyed before it does.`);
      return 0;
    }
    await followBatch(batch, terminal);
    if (terminal.signal.aborted) {
      terminal.note(`${id} goes on ending. "gpu-clouds batch status ${id}" tells when it has.`);
      return 130;
    }
    // It may have been at its end anyway.
    const end = await batch.result().catch((error: unknown) => {
      if (error instanceof JobFailedError) return error;
      throw error;
    });
    if (json) terminal.out(JSON.stringify(await batch.status()));
    else terminal.note(end instanceof JobFailedError ? end.message : `${id} had ended: ${end.outcome}.`);
    return 0;
  });
}

function batchesTable(batches: readonly BatchSummary[]): string {
  const now = Date.now();
  return table(batches, [
    { title: 'ID', value: (batch) => batch.id },
    { title: 'JOB', value: (batch) => batch.name },
    { title: 'STATE', value: (batch) => batch.state },
    {
      title: 'FOR',
      value: ({ startedAt, endedAt }) => elapsed((endedAt?.getTime() ?? now) - startedAt.getTime()),
      align: 'right',
    },
    { title: 'STARTED', value: (batch) => batch.startedAt.toISOString() },
  ]);
}
