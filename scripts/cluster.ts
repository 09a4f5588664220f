// pnpm cluster [--keep]: runs a suite of jobs on a real Temporal server with PostgreSQL, while workers and the server are killed.
import { parseArgs } from 'node:util';
import { runCluster } from '@gpu-clouds/e2e/cluster';

const usage = `Usage: pnpm cluster [--keep]

Starts PostgreSQL, a real Temporal server, two worker processes, and four simulated clouds. Runs a batch and jobs of every outcome.
Meanwhile it kills one worker and the Temporal server with SIGKILL, and replaces the other worker.
Prints one line of JSON: the outcomes, and every deviation from the clouds' ledger and from what the commands wrote.
Exits with 1 when there is a deviation.
If PostgreSQL is missing and this runs as root, it is installed with apt-get. The Temporal server is built with Go on first use.

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
    // Pending calls for a run that never ended would keep this process alive.
    process.exit(report.problems.length === 0 ? 0 : 1);
  }
} catch (error) {
  console.error(`cluster: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
