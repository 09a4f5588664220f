// pnpm batch-scale [--items N] [--window W] [--job-bytes B] [--fail]: what a batch of thousands costs Temporal, with runs that take no time.
import { parseArgs } from 'node:util';
import { batchHandle, parseJob, startBatch } from '@gpu-clouds/workflows';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { jsonBytes } from '../workflows/src/batch-size.ts';
import { startBatchWorld } from '../workflows/test/batch-world.ts';
import { UsageError, wholeNumber } from './chaos/usage.ts';

const usage = `Usage: pnpm batch-scale [--items N] [--window W] [--job-bytes B] [--fail]

Starts Temporal's dev server and one worker, and runs a batch whose jobs end as soon as they begin, so that all that takes room and time
is the batch itself. Prints, as one line of JSON, whether each item ran once, and what its histories, payloads and messages came to.
Exits with 1 when an item is missing.

  --items N       items of the batch; 2000 by default, 5000 at most
  --window W      items at a time; 200 by default
  --job-bytes B   length of the job's command; 1000 by default
  --fail          each run fails, with a message longer than a result has room for`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

try {
  const { values } = parseArgs({ options: { items: text, window: text, 'job-bytes': text, fail: flag, help: flag } });
  if (values.help) console.log(usage);
  else {
    const items = wholeNumber('--items', values.items ?? '2000', 1);
    const window = wholeNumber('--window', values.window ?? '200', 1);
    const jobBytes = wholeNumber('--job-bytes', values['job-bytes'] ?? '1000', 1);
    process.exitCode = (await measure(items, window, jobBytes, values.fail === true)) ? 0 : 1;
  }
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(`batch-scale: ${error instanceof Error ? error.message : error}${isUsage ? `\n\n${usage}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}

async function measure(items: number, window: number, jobBytes: number, fail: boolean): Promise<boolean> {
  // A run that fails would be a line each.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const world = await startBatchWorld();
  try {
    const job = parseJob(JSON.stringify({ name: 'scale', command: 'x'.repeat(jobBytes) }), 'job');
    const given = Array.from({ length: items }, (_, index) => ({
      env: { N: String(index), ...(fail ? { END: 'é"'.repeat(60) } : {}) },
    }));
    const start = performance.now();
    const batch = await startBatch(world.client, job, given, { id: 'scale', window });
    const result = await batch.result();
    const seconds = Math.round((performance.now() - start) / 1000);
    const { whole, parts } = await world.figures(batch.id);
    const every =
      result.items.length === items &&
      result.items.every(({ index, outcome }, at) => index === at && outcome === (fail ? 'failed' : 'succeeded'));
    const most = (of: (part: typeof whole) => number) => Math.max(...[whole, ...parts].map(of));
    const figures = {
      items,
      window,
      everyItemOnce: every,
      parts: parts.length,
      histories: parts.reduce((sum, { histories }) => sum + histories, 0),
      eventsPerItem: Number((parts.reduce((sum, { events }) => sum + events, 0) / items).toFixed(1)),
      eventsOfWhole: whole.events,
      mostEvents: most(({ mostEvents }) => mostEvents),
      largestHistory: most(({ mostBytes }) => mostBytes),
      largestMessage: most(({ largestTask }) => largestTask),
      largestEvent: most(({ largestEvent }) => largestEvent),
      resultBytes: jsonBytes(result),
      statusBytes: jsonBytes(await batchHandle(world.client, batch.id).status()),
      workerMegabytes: Math.round(process.memoryUsage().rss / 1e6),
      seconds,
    };
    console.log(JSON.stringify(figures));
    return every;
  } finally {
    await world.close();
  }
}
