// pnpm batch-scale [--items N] [--window W] [--job-bytes B] [--fail]: measures the load of a large batch on Temporal.
import { parseArgs } from 'node:util';
import { measureBatch } from '@gpu-clouds/e2e/batch-scale';
import { UsageError, wholeNumber } from './usage.ts';

const usage = `Usage: pnpm batch-scale [--items N] [--window W] [--job-bytes B] [--fail]

Starts Temporal's dev server and one worker, and runs a batch whose jobs end immediately, to measure the batch itself.
Prints one line of JSON: whether each item ran once, and the sizes of histories, payloads, and messages.
Exits with 1 when an item is missing.

  --items N       number of items (default: 2000, at most 5000)
  --window W      maximum number of items that run at the same time (default: 200)
  --job-bytes B   length of the job's command in bytes (default: 1000)
  --fail          make each run fail with a message longer than the limit of a result`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

try {
  const { values } = parseArgs({ options: { items: text, window: text, 'job-bytes': text, fail: flag, help: flag } });
  if (values.help) console.log(usage);
  else {
    const items = wholeNumber('--items', values.items ?? '2000', 1);
    const window = wholeNumber('--window', values.window ?? '200', 1);
    const jobBytes = wholeNumber('--job-bytes', values['job-bytes'] ?? '1000', 1);
    process.exitCode = (await measureBatch(items, window, jobBytes, values.fail === true)) ? 0 : 1;
  }
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(`batch-scale: ${error instanceof Error ? error.message : error}${isUsage ? `\n\n${usage}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
