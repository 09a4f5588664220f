// pnpm chaos --runs N --seed S [--faults LIST] [--concurrency C]: jobs on simulated clouds while everything goes wrong.
import { parseArgs } from 'node:util';
import { chaos, chaosOverSeeds, faultClasses, isClean, readFaultList } from '@gpu-clouds/e2e/chaos';
import { readSeeds, UsageError, wholeNumber } from './usage.ts';

const usage = `Usage: pnpm chaos [--runs N] [--seed S] [--faults LIST] [--concurrency C] [--keep]
       pnpm chaos --seeds LIST [--at-once P] [--report FILE] [--runs N] [--faults LIST] [--concurrency C] [--keep]

Runs jobs on four simulated clouds while workers and the Temporal server are killed, clouds fail and users interfere; then lets the
reaper run and prints, as one line of JSON, what is wrong according to the clouds' ledger and to what the commands wrote.
Exits with 1 when anything is. The same seed gives the same jobs and the same faults at the same points.

  --runs N         jobs of each seed; 40 by default
  --seed S         1 by default
  --seeds LIST     many, such as 1-20 or 3,7,11-14: each as if run alone, a line as each ends, and a line with their sum
  --at-once P      of the seeds, so many at a time: one works while another one waits; 3 by default
  --report FILE    a table of the seeds in Markdown, written anew as each ends
  --faults LIST    all (by default), none, or names separated by commas; -name,-name: all without those.
                   ${faultClasses.join(' ')}
  --concurrency C  jobs at once, of each seed; 10 by default
  --bundle FILE    the workflows' code, bundled before; bundled anew by default
  --keep           keep logs, outputs and the database even when nothing is wrong`;

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const numbers = { runs: text, seed: text, seeds: text, 'at-once': text, concurrency: text };
  const options = { ...numbers, faults: text, report: text, bundle: text, keep: flag, help: flag };
  try {
    const { values } = parseArgs({ options });
    if (values.seed !== undefined && values.seeds !== undefined) {
      throw new UsageError('Give --seed or --seeds, not both.');
    }
    return {
      help: values.help === true,
      runs: wholeNumber('--runs', values.runs ?? '40', 1),
      seed: wholeNumber('--seed', values.seed ?? '1', 0),
      ...(values.seeds === undefined ? {} : { seeds: readSeeds(values.seeds) }),
      atOnce: wholeNumber('--at-once', values['at-once'] ?? '3', 1),
      ...(values.report === undefined ? {} : { report: values.report }),
      ...(values.bundle === undefined ? {} : { bundle: values.bundle }),
      faults: readFaultList(values.faults ?? 'all'),
      concurrency: wholeNumber('--concurrency', values.concurrency ?? '10', 1),
      keep: values.keep === true,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
const note = (line: string) => console.error(line);
try {
  const { help, seeds, ...options } = readArguments();
  if (help) console.log(usage);
  else if (seeds !== undefined) {
    const clean = await chaosOverSeeds({
      ...options,
      seeds,
      program: import.meta.filename,
      signal: interrupted.signal,
      note,
    });
    process.exitCode = clean ? 0 : 1;
  } else {
    const report = await chaos({ ...options, signal: interrupted.signal, note });
    for (const problem of report.problems) console.error(`chaos: ${problem}`);
    console.log(JSON.stringify({ ...report, problems: undefined }));
    // Calls that wait for a run that never ended would keep this process alive.
    process.exit(isClean(report) ? 0 : 1);
  }
} catch (error) {
  const hint = error instanceof UsageError ? `\n${usage}` : '';
  console.error(`chaos: ${error instanceof Error ? error.message : error}${hint}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
