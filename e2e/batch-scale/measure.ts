import { batchHandle, parseJob, startBatch } from '@gpu-clouds/jobs';
import { jsonBytes } from '@gpu-clouds/jobs/contract';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { startBatchWorld } from './batch-world.ts';

/** Runs a batch and prints its sizes as one line of JSON. @returns whether each item ran exactly once */
export async function measureBatch(items: number, window: number, jobBytes: number, fail: boolean): Promise<boolean> {
  // Otherwise each failed run logs a line.
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
