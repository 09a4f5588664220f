import { type BatchSummary, batchHandle, itemsOfBatch, JobFailedError, listBatches } from '@gpu-clouds/jobs';
import { exitCodes } from '../cli-error.ts';
import { firstOf } from '../first-of.ts';
import { followBatch } from '../output/batch-progress.ts';
import { countsLine, itemsTable } from '../output/batch-tables.ts';
import { elapsed, moment } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly json?: boolean | undefined;
}

/** Lists the batches of this fleet, newest first. */
export async function list(
  { all = false, limit, json }: Options & { readonly all?: boolean; readonly limit: number },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const batches = await firstOf(
      limit,
      listBatches(client, { fleet: await fleetOf(terminal, client), running: !all }),
    );
    if (json) terminal.out(JSON.stringify(batches));
    else if (batches.length === 0)
      terminal.note(all ? 'No batches.' : 'No running batches. Use --all to include ended batches.');
    else terminal.out(batchesTable(batches, terminal));
  });
}

/** Shows how many items of a batch are running, have ended, and have failed. */
export async function status(id: string, { json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const found = await batchHandle(client, id).status();
    terminal.out(json ? JSON.stringify(found) : `${id} ${found.state}: ${countsLine(found)}`);
  });
}

/** Lists the items of a batch that have ended. */
export async function results(
  id: string,
  { failed = false, json }: Options & { readonly failed?: boolean },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const ended = await batchHandle(client, id).results();
    const shown = failed ? ended.filter(({ outcome }) => outcome !== 'succeeded') : ended;
    const started = await itemsOfBatch(client, id);
    if (json) for (const item of shown) terminal.out(JSON.stringify({ ...item, env: started.get(item.index)?.env }));
    else if (shown.length > 0) terminal.out(itemsTable(shown, started, terminal));
    else terminal.note(ended.length === 0 ? 'No item has ended yet.' : 'Every item that has ended succeeded.');
  });
}

/** Stops a batch from starting items. Running items continue. */
export async function drain(id: string, { json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await batchHandle(client, id).drain();
    if (json) terminal.out(JSON.stringify({ id, draining: true }));
    else terminal.note(`${id} starts no more items. Running items continue.`);
  });
}

/**
 * Cancels all runs of a batch.
 * @returns 0 once its runs have ended, 130 when interrupted before that
 */
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
      else terminal.note(`Cancellation of ${id} requested. It ends once the instances of its runs are destroyed.`);
      return 0;
    }
    await followBatch(batch, terminal);
    if (terminal.signal.aborted) {
      terminal.note(`The cancellation of ${id} continues. Run "gpu-clouds batch status ${id}" to check its progress.`);
      return exitCodes.interrupted;
    }
    // The batch may have ended before the cancellation arrived.
    const end = await batch.result().catch((error: unknown) => {
      if (error instanceof JobFailedError) return error;
      throw error;
    });
    if (json) terminal.out(JSON.stringify(await batch.status()));
    else terminal.note(end instanceof JobFailedError ? end.message : `${id} had already ended: ${end.outcome}.`);
    return 0;
  });
}

function batchesTable(batches: readonly BatchSummary[], terminal: Terminal): string {
  const now = Date.now();
  return table(
    batches,
    [
      { title: 'ID', value: (batch) => batch.id },
      { title: 'JOB', value: (batch) => batch.name },
      { title: 'STATE', value: (batch) => batch.state },
      {
        title: 'FOR',
        value: ({ startedAt, endedAt }) => elapsed((endedAt?.getTime() ?? now) - startedAt.getTime()),
        align: 'right',
      },
      { title: 'STARTED', value: (batch) => moment(batch.startedAt), priority: 1 },
    ],
    { columns: terminal.columns, style: styleOf(terminal) },
  );
}
