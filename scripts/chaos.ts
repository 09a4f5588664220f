// pnpm chaos --runs N --seed S [--faults LIST] [--concurrency C]: runs jobs on simulated clouds while faults are injected.
import { parseArgs } from 'node:util';
import { chaos, chaosOverSeeds, drillChaos, faultClasses, isClean, prove, readFaultList } from '@gpu-clouds/e2e/chaos';
import { readSeeds, UsageError, wholeNumber } from './usage.ts';

const usage = `Usage: pnpm chaos [--runs N] [--seed S] [--faults LIST] [--concurrency C] [--keep]
       pnpm chaos --seeds LIST [--at-once P] [--report FILE] [--runs N] [--faults LIST] [--concurrency C] [--keep]
       pnpm chaos --prove [--only PATTERN] [--at-once P] [--report FILE]

Runs jobs on four simulated clouds while workers and the Temporal server are killed, clouds fail, and users interfere.
Then runs the reaper, and prints one line of JSON with every deviation from the clouds' ledger and from what the commands wrote.
Exits with 1 when there is a deviation. The same seed gives the same jobs and the same faults at the same points.

  --runs N         number of jobs per seed (default: 40)
  --seed S         seed of the jobs and faults (default: 1)
  --seeds LIST     run several seeds, such as 1-20 or 3,7,11-14; prints a line per seed and a line with the sum
  --at-once P      number of seeds that run at the same time (default: 3)
  --report FILE    write a Markdown table of the seeds, updated after each seed
  --faults LIST    all, none, or names separated by commas; -name,-name means all except those (default: all).
                   ${faultClasses.join(' ')}
  --concurrency C  number of jobs of a seed that run at the same time (default: 14)
  --bundle FILE    use an existing bundle of the workflow code (default: create one)
  --prove          put known defects back into a copy of the product, and check that each is noticed
  --only PATTERN   only defects whose description matches the regular expression
  --drill FAULT    run a job at each vendor, which one fault class, or "none", certainly strikes
  --drill-run JSON what the jobs of a drill are, for example {"kind": "cap-cost"}
  --keep           keep logs, outputs, and the database even when nothing is wrong`;

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const numbers = { runs: text, seed: text, seeds: text, 'at-once': text, concurrency: text };
  const options = { ...numbers, faults: text, report: text, bundle: text, keep: flag, help: flag };
  const drills = { prove: flag, only: text, drill: text, 'drill-run': text };
  try {
    const { values } = parseArgs({ options: { ...options, ...drills } });
    if (values.seed !== undefined && values.seeds !== undefined) {
      throw new UsageError('Use either --seed or --seeds, not both.');
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
      concurrency: wholeNumber('--concurrency', values.concurrency ?? '14', 1),
      keep: values.keep === true,
      prove: values.prove === true,
      only: values.only,
      drill: values.drill,
      drillRun: values['drill-run'] ?? '{}',
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function print(report: Awaited<ReturnType<typeof chaos>>): never {
  for (const problem of report.problems) console.error(`chaos: ${problem}`);
  console.log(JSON.stringify({ ...report, problems: undefined }));
  // Pending calls for a run that never ended would keep this process alive.
  process.exit(isClean(report) ? 0 : 1);
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
const note = (line: string) => console.error(line);
try {
  const { help, seeds, prove: proving, drill, drillRun, ...options } = readArguments();
  if (help) console.log(usage);
  else if (proving) {
    const caught = await prove({ ...options, program: import.meta.filename, signal: interrupted.signal, note });
    process.exit(caught ? 0 : 1);
  } else if (drill !== undefined) {
    const [fault] = readFaultList(drill);
    print(await drillChaos(fault, JSON.parse(drillRun), { ...options, signal: interrupted.signal, note }));
  } else if (seeds !== undefined) {
    const clean = await chaosOverSeeds({
      ...options,
      seeds,
      program: import.meta.filename,
      signal: interrupted.signal,
      note,
    });
    process.exitCode = clean ? 0 : 1;
  } else {
    print(await chaos({ ...options, signal: interrupted.signal, note }));
  }
} catch (error) {
  const hint = error instanceof UsageError ? `\n${usage}` : '';
  console.error(`chaos: ${error instanceof Error ? error.message : error}${hint}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
