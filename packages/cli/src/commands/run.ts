import { readFile } from 'node:fs/promises';
import { JobFailedError, type JobHandle, type JobResult, parseJob, type RunStore, startJob } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { exitCodeOf } from '../exit-code.ts';
import { copyOutput, withNodes } from '../output/copy-output.ts';
import { dollars, elapsed } from '../output/format.ts';
import { jobProgress } from '../output/job-progress.ts';
import { uploadReport } from '../output/upload-report.ts';
import { namedFleet, runStore } from '../settings.ts';
import { noteMissingWorker, startSearchable, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface RunOptions {
  readonly id?: string | undefined;
  /** Return as soon as Temporal has accepted the job. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Starts a job and shows its progress and output until its instances are gone.
 * @returns the exit code of the job's command; 1 when there is none, or when the run was stopped and its command exited with 0;
 *   130 when interrupted
 * @throws {CliError} when the job file cannot be read or the run fails
 */
export async function run(file: string, options: RunOptions, terminal: Terminal): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`Cannot read the job file ${file} (${error.code}).`);
  });
  const job = parseJob(text, file);
  return withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    const { id } = options;
    const runs = await runStore(terminal);
    const handle = await startSearchable(client, (searchable) =>
      startJob(client, job, { fleet: namedFleet(terminal), runs, uploads: uploadReport(terminal), searchable, id }),
    );
    if (options.detach) {
      terminal.out(options.json ? JSON.stringify({ id: handle.id }) : handle.id);
      return 0;
    }
    terminal.note(`run ${handle.id}  (Ctrl-C does not stop the run; to stop it, run "gpu-clouds cancel ${handle.id}")`);
    await show(handle, runs, job.resources.nodes, options.json ? { ...terminal, raw: noteBytes(terminal) } : terminal);
    if (terminal.signal.aborted) return leftRunning(handle, terminal);
    return report(handle, runs, options, terminal);
  });
}

/** Shows phases and output until the run has ended or the signal of the terminal aborts. */
async function show(handle: JobHandle, runs: RunStore, nodes: number, terminal: Terminal): Promise<void> {
  const ended = new AbortController();
  const stop = AbortSignal.any([terminal.signal, ended.signal]);
  const output = copyOutput(runs, handle.id, nodes, withNodes(nodes, terminal.raw), stop).catch((error: unknown) => {
    // The command still reports how the run ends.
    terminal.note(`Cannot show the output: ${error instanceof Error ? error.message : error}`);
  });
  try {
    const linesFor = jobProgress();
    for await (const status of handle.watch({ signal: terminal.signal })) {
      for (const line of linesFor(status)) terminal.note(line);
    }
  } finally {
    ended.abort();
    await output;
  }
}

/** Standard output has the result only. */
function noteBytes({ note }: Terminal): Terminal['raw'] {
  const text = new TextDecoder();
  return (bytes) => note(text.decode(bytes, { stream: true }));
}

function leftRunning(handle: JobHandle, terminal: Terminal): number {
  terminal.note(
    `${handle.id} continues. To follow it, run "gpu-clouds logs ${handle.id} --follow". To end it, run "gpu-clouds cancel ${handle.id}".`,
  );
  return 130;
}

async function report(handle: JobHandle, runs: RunStore, options: RunOptions, terminal: Terminal): Promise<number> {
  const result = await handle.result().catch((error: unknown) => {
    if (error instanceof JobFailedError) throw new CliError(error.message, { cause: error });
    throw error;
  });
  const folder = `${runs.location(handle.id)}/outputs`;
  if (options.json) terminal.out(JSON.stringify({ ...result, outputsFolder: folder }));
  else for (const line of summary(result, folder)) terminal.note(line);
  return exitCodeOf(result);
}

function summary(result: JobResult, folder: string): readonly string[] {
  const seconds = result.phases.reduce((sum, phase) => sum + phase.seconds, 0);
  const files = result.outputs.map((file) => `  ${folder}/${file}`);
  const nodes = result.exitCodes.length === 1 ? '' : `${result.exitCodes.length} instances of `;
  return [
    `${result.outcome} in ${elapsed(seconds * 1000)} for ${dollars(result.dollars)} on ${nodes}${result.offer.gpuCount}x ${result.offer.gpu} at ${result.offer.vendor}`,
    ...(files.length === 0 ? [] : ['outputs:', ...files]),
  ];
}
