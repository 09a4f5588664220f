import { readFile } from 'node:fs/promises';
import { localRunStore, parseJob, readOutput, startJob } from '@gpu-clouds/jobs';
import { Client, Connection } from '@temporalio/client';

const client = new Client({ connection: await Connection.connect() });
const runs = localRunStore(); // the run store of the workers; the job's files are uploaded to it
const run = await startJob(client, parseJob(await readFile('job.yaml', 'utf8'), 'job.yaml'), { runs });
for await (const status of run.watch()) console.log(status.phase, status.elapsedSeconds, status.costSoFar);
const result = await run.result(); // also: offer, phases (each with seconds and dollars), failures, outputs
console.log(result.outcome, result.exitCode, result.dollars);
for await (const piece of readOutput(runs, run.id)) process.stdout.write(piece);
