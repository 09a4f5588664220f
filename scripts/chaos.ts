// pnpm chaos --runs N --seed S [--faults LIST] [--concurrency C]: jobs on simulated clouds while everything goes wrong.
import { parseArgs } from 'node:util';
import { chaos } from './chaos/chaos.ts';
import { faultClasses, readFaultList } from './chaos/fault-classes.ts';
import { isClean } from './chaos/judge.ts';

const usage = `Usage: pnpm chaos [--runs N] [--seed S] [--faults LIST] [--concurrency C] [--keep]

Runs jobs on four simulated clouds while workers and the Temporal server are killed, clouds fail and users interfere; then lets the
reaper run and prints, as one line of JSON, what is wrong according to the clouds' ledger and to what the commands wrote.
Exits with 1 when anything is. The same seed gives the same jobs and the same faults at the same points.

  --runs N         jobs; 40 by default
  --seed S         1 by default
  --faults LIST    all (by default), none, or names separated by commas; -name,-name: all without those.
                   ${faultClasses.join(' ')}
  --concurrency C  jobs at once; 10 by default
  --keep           keep logs, outputs and the database even when nothing is wrong`;

class UsageError extends Error {}

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { runs: text, seed: text, faults: text, concurrency: text, keep: flag, help: flag };
  try {
    const { values } = parseArgs({ options });
    return {
      help: values.help === true,
      runs: wholeNumber('--runs', values.runs ?? '40', 1),
      seed: wholeNumber('--seed', values.seed ?? '1', 0),
      faults: readFaultList(values.faults ?? 'all'),
      concurrency: wholeNumber('--concurrency', values.concurrency ?? '10', 1),
      keep: values.keep === true,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number < 2 ** 32) return number;
  throw new UsageError(`${flag} must be a whole number of ${least} or more; it is "${text}".`);
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
try {
  const { help, ...options } = readArguments();
  if (help) console.log(usage);
  else {
    const report = await chaos({ ...options, signal: interrupted.signal, note: (line) => console.error(line) });
    for (const problem of report.problems) console.error(`chaos: ${problem}`);
    console.log(JSON.stringify({ ...report, problems: undefined }));
    // Calls that wait for a run that never ended would keep this process alive.
    process.exit(isClean(report) ? 0 : 1);
  }
} catch (error) {
  const hint = error instanceof UsageError ? `\n${usage}` : '';
  console.error(`chaos: ${error instanceof Error ? error.message : error}${hint}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
