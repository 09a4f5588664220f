// pnpm cluster [--keep]: a suite of jobs on a real Temporal server over PostgreSQL, while workers and server are killed.
import { parseArgs } from 'node:util';
import { runCluster } from '@gpu-clouds/e2e/cluster';

const usage = `Usage: pnpm cluster [--keep]

Starts PostgreSQL, a real Temporal server on it, two workers in processes of their own and four simulated clouds; runs jobs of every way
to end and a batch; SIGKILLs one worker and the Temporal server on the way, and replaces the other worker. Prints, as one line of
JSON, how the jobs ended and what is wrong according to the clouds' ledger and to what the commands wrote. Exits with 1 when
anything is. Installs PostgreSQL with apt-get where it is missing and it is root; builds the Temporal server with Go the first time.

  --keep   keep logs and outputs even when nothing is wrong`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
try {
  const { values } = parseArgs({ options: { keep: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) console.log(usage);
  else {
    const note = (line: string) => console.error(line);
    const report = await runCluster({ keep: values.keep === true, signal: interrupted.signal, note });
    for (const problem of report.problems) console.error(`cluster: ${problem}`);
    console.log(JSON.stringify({ ...report, problems: report.problems.length }));
    // Calls that wait for a run that never ended would keep this process alive.
    process.exit(report.problems.length === 0 ? 0 : 1);
  }
} catch (error) {
  console.error(`cluster: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
