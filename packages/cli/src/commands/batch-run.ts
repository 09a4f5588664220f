import {
  type Batch,
  type BatchHandle,
  type BatchItem,
  type BatchItemResult,
  type BatchResult,
  parseBatch,
  parseBatchItems,
  parseJob,
  startBatch,
} from '@gpu-clouds/jobs';
import { exitCodes } from '../cli-error.ts';
import { textOf } from '../job-source.ts';
import { followBatch } from '../output/batch-progress.ts';
import { itemsTable } from '../output/batch-tables.ts';
import { counted, dollars } from '../output/format.ts';
import { uploadReport } from '../output/upload-report.ts';
import { mayStart } from '../plan.ts';
import { namedFleet, runStore } from '../settings.ts';
import { startSearchable } from '../start-searchable.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface BatchRunOptions {
  /** File with the items' variables. When set, the file argument is a job file. */
  readonly items?: string | undefined;
  readonly id?: string | undefined;
  readonly window?: number | undefined;
  readonly maxFailures?: number | undefined;
  /** Do not ask before spending. */
  readonly yes?: boolean | undefined;
  /** Return as soon as Temporal has accepted the batch. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** A batch with more items than this shows only those that did not succeed. */
const maxItemsShown = 50;

/**
 * Starts a batch and shows its progress until the instances of all items are gone.
 * @returns 0 when every item succeeded, 1 when an item did not, 130 when interrupted
 * @throws {CliError} when a file cannot be read
 */
export async function runBatch(file: string, options: BatchRunOptions, terminal: Terminal): Promise<number> {
  const { job, items, ...limits } = await read(file, options.items);
  const window = options.window ?? limits.window;
  const maxFailures = options.maxFailures ?? limits.maxFailures;
  if (!(await mayStart(question(job, items.length), options.yes, terminal))) {
    terminal.note('Nothing was started.');
    return exitCodes.interrupted;
  }
  return withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    const runs = await runStore(terminal);
    const fleet = await namedFleet(terminal);
    const batch = await startSearchable(client, (searchable) =>
      startBatch(client, job, items, {
        fleet,
        runs,
        uploads: uploadReport(terminal),
        searchable,
        id: options.id,
        window,
        maxFailures,
      }),
    );
    if (options.detach) {
      terminal.out(options.json ? JSON.stringify({ id: batch.id }) : batch.id);
      return 0;
    }
    terminal.note(
      `batch ${batch.id}: ${counted(items.length, 'item')}  (Ctrl-C does not stop the batch; to stop it, run "gpu-clouds batch cancel ${batch.id}")`,
    );
    await followBatch(batch, terminal);
    if (terminal.signal.aborted) return leftRunning(batch, terminal);
    return report(await batch.result(), new Map(items.entries()), options, terminal);
  });
}

function question({ limits: { maxCost } }: Batch['job'], count: number): string {
  const most = maxCost === undefined ? 'without a limit in dollars' : `for at most ${dollars(maxCost * count)}`;
  return `Start ${counted(count, 'run')}, ${most}?`;
}

async function read(file: string, itemsFile: string | undefined): Promise<Batch> {
  const text = await textOf('batch', file);
  if (itemsFile === undefined) return parseBatch(text, file);
  const job = parseJob(text, file);
  return { job, items: parseBatchItems(await textOf('items', itemsFile), itemsFile, job) };
}

function leftRunning({ id }: BatchHandle, terminal: Terminal): number {
  terminal.note(
    `${id} continues. To check on it, run "gpu-clouds batch status ${id}". To end it, run "gpu-clouds batch cancel ${id}".`,
  );
  return exitCodes.interrupted;
}

function report(
  result: BatchResult,
  started: ReadonlyMap<number, BatchItem>,
  options: BatchRunOptions,
  terminal: Terminal,
): number {
  const { id, items, outcome } = result;
  if (options.json) terminal.out(JSON.stringify(result));
  else {
    const shown = items.length <= maxItemsShown ? items : items.filter((item) => item.outcome !== 'succeeded');
    if (shown.length > 0) terminal.out(itemsTable(shown, started, terminal));
    if (shown.length < items.length)
      terminal.note(`Run "gpu-clouds batch results ${id}" to list all ${items.length} items.`);
    terminal.note(`${outcome}: ${byOutcome(items)}, for ${dollars(result.dollars)}`);
  }
  return outcome === 'succeeded' ? 0 : 1;
}

/** `58 succeeded, 2 failed`. */
function byOutcome(items: readonly BatchItemResult[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of items) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}
