import {
  checkOnLease,
  checkRunId,
  checkUploads,
  costCapOf,
  type Job,
  type JobHandle,
  type JobResult,
  LeaseError,
  type RunStore,
  startJob,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError, exitCodes } from '../cli-error.ts';
import { exitCodeOf } from '../exit-code.ts';
import { continues, followRun, resultOf } from '../follow-run.ts';
import { type JobArguments, type JobOptions, jobOf } from '../job-source.ts';
import { foundLease } from '../leases.ts';
import { dollars, elapsed, size } from '../output/format.ts';
import { shareOf } from '../output/job-progress.ts';
import { styleOf } from '../output/style.ts';
import { uploadReport } from '../output/upload-report.ts';
import { mayStart, type Plan, planOf, showPlan } from '../plan.ts';
import { namedFleet, runStore } from '../settings.ts';
import { startSearchable } from '../start-searchable.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface RunOptions extends JobOptions {
  readonly id?: string | undefined;
  readonly tag?: Readonly<Record<string, string>> | undefined;
  /** Name of a lease to run on. */
  readonly on?: string | undefined;
  /** Return as soon as Temporal has accepted the job. */
  readonly detach?: boolean | undefined;
  /** Show what would be rented, and start nothing. */
  readonly dryRun?: boolean | undefined;
  /** Do not ask before spending. */
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Starts a job and shows its progress and output until its instances are gone.
 * @returns the exit code of the job's command; 1 when there is none, or when the run was stopped and its command exited with 0;
 *   130 when interrupted
 * @throws {CliError} when the job file cannot be read or the run fails
 */
export async function run(source: JobArguments, options: RunOptions, terminal: Terminal): Promise<number> {
  const { id, on } = options;
  const job = await jobOf(source, options, terminal);
  // A dry run has the errors of the real one, and nobody is asked whether to start what cannot start.
  await namedFleet(terminal);
  if (id !== undefined) checkRunId(id);
  await checkUploads(job);
  if (on !== undefined) return withTemporal(terminal, (client) => runOnLease(client, job, on, options, terminal));
  const plan = options.dryRun || terminal.prompts !== undefined ? await planOf(job, terminal) : undefined;
  if (options.dryRun && options.json) terminal.out(JSON.stringify({ job, ...plan }));
  else if (plan !== undefined) showPlan(job, plan, terminal);
  if (options.dryRun) return exitCodes.success;
  if (!(await mayStart(question(plan), options.yes, terminal))) {
    terminal.note('Nothing was started.');
    return exitCodes.interrupted;
  }
  const cap = plan?.cap ?? job.limits.maxCost;
  return withTemporal(terminal, (client) => start(client, job, options, terminal, { cap }));
}

/** Asks nothing: the lease is paid for. */
async function runOnLease(client: Client, job: Job, name: string, options: RunOptions, terminal: Terminal) {
  const { id } = await foundLease(client, name, terminal);
  const { offer, gpus } = await checkOnLease(client, job, { id }).catch((error: unknown) => {
    if (!(error instanceof LeaseError)) throw error;
    throw new CliError(error.message, { cause: error, exitCode: exitCodes.usage });
  });
  const where = `${gpus} of ${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} in ${offer.region}`;
  if (!options.dryRun) return start(client, job, options, terminal, { lease: id });
  if (options.json) terminal.out(JSON.stringify({ job, lease: { id, name, offer, gpus } }));
  else terminal.note(`${job.name} would run on the lease ${name}, with ${where}. The lease pays.`);
  return exitCodes.success;
}

function question(plan: Plan | undefined): string {
  return plan?.cap === undefined ? 'Start?' : `Start, for at most ${dollars(plan.cap)}?`;
}

/**
 * @param lease Id of the lease to run on.
 * @param cap What the run may cost, in US dollars.
 */
async function start(
  client: Client,
  job: Job,
  options: RunOptions,
  terminal: Terminal,
  { lease, cap }: { readonly lease?: string | undefined; readonly cap?: number | undefined },
): Promise<number> {
  await noteMissingWorker(client, terminal);
  const runs = await runStore(terminal);
  const { id, tag: tags } = options;
  const uploads = uploadReport(terminal);
  const fleet = await namedFleet(terminal);
  const on = lease === undefined ? undefined : { id: lease };
  const handle = await startSearchable(client, (searchable) =>
    startJob(client, job, { fleet, runs, uploads, searchable, id, tags, on }),
  );
  if (options.detach) {
    terminal.out(options.json ? JSON.stringify({ id: handle.id }) : handle.id);
    if (terminal.prompts !== undefined) for (const line of continues(handle.id, lease)) terminal.note(line);
    return exitCodes.success;
  }
  const way = terminal.prompts === undefined ? 'does not stop the run' : 'asks whether to detach, stop, or cancel';
  terminal.note(`run ${handle.id}  (Ctrl-C ${way})`);
  const shown = options.json ? { ...terminal, raw: noteBytes(terminal) } : terminal;
  const end = await followRun(
    handle,
    {
      output: { runs, nodes: job.resources.nodes },
      capOf: (status) => cap ?? costCapOf(job.limits, status),
      callerSaysWhy: true,
      lease,
    },
    shown,
  );
  if (end === undefined) return exitCodes.interrupted;
  return report(client, handle, runs, options, terminal);
}

/** Standard output has the result only. */
function noteBytes({ note }: Terminal): Terminal['raw'] {
  const text = new TextDecoder();
  return (bytes) => note(text.decode(bytes, { stream: true }).replace(/\n$/, ''));
}

async function report(
  client: Client,
  handle: JobHandle,
  runs: RunStore,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const result = await resultOf(client, handle, terminal);
  if (options.json) terminal.out(JSON.stringify({ ...result, outputsFolder: `${runs.location(handle.id)}/outputs` }));
  else for (const line of summary(result, terminal)) terminal.note(line);
  return exitCodeOf(result);
}

function summary(result: JobResult, terminal: Terminal): readonly string[] {
  const { id, outcome, phases, outputs, sent = [], exitCodes: codes, offer, lease } = result;
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  const nodes = codes.length === 1 ? '' : `${codes.length} instances of `;
  const color = outcome === 'succeeded' ? 'green' : 'red';
  const files = outputs.length === 1 ? '1 file came back. Copy it' : `${outputs.length} files came back. Copy them`;
  const where =
    lease === undefined
      ? `for ${dollars(result.dollars)} on ${nodes}${offer.gpuCount}x ${offer.gpu} at ${offer.vendor}`
      : `on ${shareOf(lease)}, which pays`;
  return [
    `${styleOf(terminal, 'note')(color, outcome)} in ${elapsed(seconds * 1000)} ${where}`,
    ...(result.idleDollars ? [`All GPUs were idle for ${dollars(result.idleDollars)} of that.`] : []),
    ...(outputs.length === 0 ? [] : [`${files} here: gpu-clouds outputs ${id} --to .`]),
    ...sent.map(
      (one) => `${one.files === 1 ? '1 file' : `${one.files} files`} with ${size(one.bytes)} sent to ${one.to}`,
    ),
  ];
}
