import {
  costCapOf,
  type GpuSample,
  type Job,
  JobNotFoundError,
  type JobStatus,
  jobHandle,
  jobOfRun,
  type LeaseSummary,
  leaseCost,
  type RunStore,
  RunStoreError,
  readGpuSamples,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError, exitCodes } from '../cli-error.ts';
import { latestAttempt, withCost } from '../leases.ts';
import { alarmsOf, leaseAlarms } from '../output/alarms.ts';
import { dollars, elapsed, moment } from '../output/format.ts';
import { gpuPlot, gpuSummaries, type NodeSamples } from '../output/gpu-plot.ts';
import { idleWarning } from '../output/idle-warning.ts';
import { instancesTable } from '../output/instances-table.ts';
import { activityOf, doing, shareOf } from '../output/job-progress.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { timeline } from '../output/timeline.ts';
import { runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Shows a run, also after it has ended, or a lease.
 * @throws {CliError} when there is neither a run nor a lease of this name
 */
export async function show(
  id: string,
  { json }: { readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const status = await runStatus(client, id);
    if (status === undefined) {
      const { lease } = await latestAttempt(client, id, terminal);
      if (lease === undefined)
        throw new CliError(
          `There is no run and no lease "${id}". Run "gpu-clouds ps --all" or "gpu-clouds ls --all" to list them.`,
          { exitCode: exitCodes.notFound },
        );
      terminal.out(json ? JSON.stringify({ lease: withCost(lease) }) : leaseText(lease));
      return;
    }
    const job = await jobOfRun(client, id);
    const stored = await storedOf(status, terminal);
    const { samples } = stored;
    const gpus = samples.some((node) => node.samples.length > 0) ? gpuSummaries(samples) : undefined;
    terminal.out(
      json ? JSON.stringify({ run: { ...status, limits: job.limits, gpus } }) : runText(status, job, stored, terminal),
    );
  });
}

async function runStatus(client: Client, id: string): Promise<JobStatus | undefined> {
  try {
    return await jobHandle(client, id).status();
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}

/** What the run store has of a run. */
interface Stored {
  readonly samples: readonly NodeSamples[];
  /** Whether the run has brought back files. */
  readonly hasFiles: boolean;
}

/** A run is shown without its samples and files if this computer has no access to the run store. */
async function storedOf({ id, nodes }: JobStatus, terminal: Terminal): Promise<Stored> {
  try {
    const runs = await runStore(terminal);
    const each = Array.from({ length: nodes }, (_, node) => node);
    const samples = await Promise.all(each.map(async (node) => ({ node, samples: await samplesOf(runs, id, node) })));
    return { samples, hasFiles: await hasOutputs(runs, id) };
  } catch (error) {
    if (!(error instanceof RunStoreError)) throw error;
    terminal.note(`The samples of the GPUs cannot be read: ${error.message}`);
    return { samples: [], hasFiles: false };
  }
}

async function hasOutputs(runs: RunStore, id: string): Promise<boolean> {
  for await (const _ of runs.listFiles(id, 'outputs')) return true;
  return false;
}

async function samplesOf(runs: RunStore, id: string, node: number): Promise<readonly GpuSample[]> {
  const samples: GpuSample[] = [];
  for await (const sample of readGpuSamples(runs, id, { node })) samples.push(sample);
  return samples;
}

function leaseText(lease: LeaseSummary): string {
  const {
    name,
    state,
    gpus,
    vendor,
    pricePerHour,
    startedAt,
    mustEndBy,
    endedAt,
    idleSeconds,
    message,
    runs = [],
  } = lease;
  const now = Date.now();
  const cost = leaseCost(lease, now);
  return [
    `${name}  ${state}${message === undefined ? '' : `: ${message}`}`,
    ...(gpus === undefined ? [] : [`instance  ${gpus} at ${vendor}`]),
    ...(pricePerHour === undefined ? [] : [`price     ${dollars(pricePerHour)}/hour`]),
    ...(cost === undefined
      ? []
      : [`cost      ${dollars(cost)} in ${elapsed((endedAt?.getTime() ?? now) - startedAt.getTime())}`]),
    ...(endedAt === undefined && mustEndBy !== undefined
      ? [`ends      in ${elapsed(mustEndBy.getTime() - now)}, at ${moment(mustEndBy)}`]
      : []),
    ...(idleSeconds === undefined ? [] : [`idle      released after ${elapsed(idleSeconds * 1000)} without use`]),
    ...idleWarning(lease),
    ...leaseAlarms(lease),
    ...runs.map(
      ({ run, gpus: own }) => `run       ${run}${own === undefined ? ', waits' : `, GPUs ${own.join(', ')}`}`,
    ),
    ...(state === 'ready' ? [`log in    gpu-clouds ssh ${name}`] : []),
  ].join('\n');
}

function runText(status: JobStatus, job: Job, { samples, hasFiles }: Stored, terminal: Terminal): string {
  const style = styleOf(terminal);
  const { id, phase, outcome, exitCode, message, waiting, costSoFar, idleDollars, idleGpus, elapsedSeconds } = status;
  const state = phase === 'finished' ? (outcome ?? phase) : activityOf(status);
  const { maxDuration } = job.limits;
  const cap = costCapOf(job.limits, status);
  const heading = (text: string) => style('bold', text);
  const tables = { columns: terminal.columns, style };
  return [
    `${heading(id)}  ${state}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`,
    ...(message === undefined ? [] : [message]),
    ...(status.lease === undefined ? [] : [`on    ${shareOf(status.lease)}`]),
    ...(waiting === undefined
      ? []
      : [`waits since ${moment(waiting.since)}, until ${moment(waiting.until)}: ${waiting.message}`]),
    `time  ${elapsed(elapsedSeconds * 1000)} of at most ${maxDuration}`,
    `cost  ${status.lease === undefined ? costText(costSoFar, cap) : `paid by the lease ${status.lease.name}`}`,
    ...(!idleDollars ? [] : [`idle  ${dollars(idleDollars)} of that while all GPUs were idle`]),
    ...(idleGpus === undefined ? [] : [`All GPUs of node ${idleGpus.node} were idle from ${idleGpus.since} on.`]),
    '',
    heading('Timeline'),
    table(
      timeline(status),
      [
        { title: 'AT', value: ({ at }) => elapsed(at - Date.parse(status.startedAt)), align: 'right' },
        { title: 'WHAT', value: ({ what }) => what, shrinkTo: 40, wraps: true },
      ],
      tables,
    ),
    ...(status.attempts === undefined ? [] : ['', heading('Attempts'), attemptsTable(status, tables)]),
    ...(status.phases === undefined
      ? []
      : [
          '',
          heading('Cost by phase'),
          table(
            status.phases,
            [
              { title: 'PHASE', value: (one) => doing[one.phase] },
              { title: 'FOR', value: ({ seconds }) => elapsed(seconds * 1000), align: 'right' },
              { title: 'COST', value: (one) => dollars(one.dollars), align: 'right' },
            ],
            tables,
          ),
        ]),
    ...(status.instances.length === 0 || status.lease !== undefined
      ? []
      : ['', heading('Instances'), instancesTable(status.instances, tables)]),
    ...status.instances.flatMap((one) =>
      one.until === undefined ? alarmsOf(one.instanceName, one.offer.vendor, one) : [],
    ),
    ...(samples.some((node) => node.samples.length > 0) ? ['', heading('GPUs'), gpuPlot(samples, tables)] : []),
    ...(phase === 'finished'
      ? ['', `output  gpu-clouds logs ${id}`, ...(hasFiles ? [`files   gpu-clouds outputs ${id} --to .`] : [])]
      : ['', `follow  gpu-clouds logs ${id} --follow`, `end it  gpu-clouds stop ${id}`]),
  ].join('\n');
}

function costText(cost: number, most: number | undefined): string {
  return `${dollars(cost)} ${most === undefined ? '(no limit in dollars)' : `of at most ${dollars(most)}`}`;
}

function attemptsTable({ attempts = [], startedAt }: JobStatus, options: Parameters<typeof table>[2]): string {
  const between = (from: string, to: string) => elapsed(Date.parse(to) - Date.parse(from));
  return table(
    attempts,
    [
      { title: 'ATTEMPT', value: ({ attempt }) => String(attempt), align: 'right' },
      { title: 'AT', value: ({ since }) => between(startedAt, since), align: 'right' },
      { title: 'FOR', value: ({ since, until = '' }) => (until === '' ? '' : between(since, until)), align: 'right' },
      { title: 'EXIT CODE', value: ({ exitCode = '' }) => String(exitCode), align: 'right' },
    ],
    options,
  );
}
