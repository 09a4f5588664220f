// pnpm batch-scale [--items N] [--window W] [--job-bytes B] [--fail]: what a batch of thousands costs Temporal, with runs that take no time.
import { parseArgs } from 'node:util';
import { measureBatch } from '@gpu-clouds/e2e/batch-scale';
import { UsageError, wholeNumber } from './usage.ts';

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
    process.exitCode = (await measureBatch(items, window, jobBytes, values.fail === true)) ? 0 : 1;
  }
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(`batch-scale: ${error instanceof Error ? error.message : error}${isUsage ? `\n\n${usage}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
