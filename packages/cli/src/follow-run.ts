import {
  JobFailedError,
  type JobHandle,
  type JobResult,
  type JobStatus,
  latestAttemptOf,
  type RunStore,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError } from './cli-error.ts';
import { type CopyOptions, copyOutput, withNodes } from './output/copy-output.ts';
import { AttemptsFollower } from './output/follow-attempts.ts';
import { jobProgress, statusLine } from './output/job-progress.ts';
import { readPersistently } from './temporal.ts';
import { TemporalLoss } from './temporal-loss.ts';
import { InterruptedError, type Terminal } from './terminal.ts';

export interface FollowOptions {
  /** Shows the output of the run too. Default: only its phases. */
  readonly output?: { readonly runs: RunStore; readonly nodes: number } | undefined;
  /** Returns what the run may cost in US dollars, to show beside the cost so far. Default: it is not known. */
  readonly capOf?: ((status: JobStatus) => number | undefined) | undefined;
  /** Whether the caller says why the run failed, so that its last line leaves that out. Default: false. */
  readonly callerSaysWhy?: boolean | undefined;
  /** The lease that the run uses. Default: it rents instances. */
  readonly lease?: string | undefined;
}

/**
 * Shows the phases and output of a run until it has ended and its instances are gone. Ctrl-C asks whether to detach, stop, or cancel.
 * A lost connection to Temporal is reported, because the run continues and bills.
 * @returns the last status, or undefined when the person, a signal, or a closed output ended the command first
 * @throws {CliError} when Temporal does not answer for 15 minutes
 */
export async function followRun(
  handle: JobHandle,
  options: FollowOptions,
  terminal: Terminal,
): Promise<JobStatus | undefined> {
  const status = await followOnce(handle, options, terminal);
  if (status?.phase === 'finished') return status;
  const { reason } = terminal.signal;
  const signal =
    reason instanceof InterruptedError && reason.by === 'person' ? await decided(handle, options, terminal) : undefined;
  if (signal !== undefined) return followRun(handle, { ...options, output: undefined }, { ...terminal, signal });
  for (const line of continues(handle.id, options.lease)) terminal.note(line);
  return undefined;
}

/** The commands that lead back to a run that continues. */
export function continues(id: string, lease?: string): readonly string[] {
  return [
    lease === undefined ? `${id} continues, and bills until it ends.` : `${id} continues.`,
    `  follow it: gpu-clouds logs ${id} --follow`,
    `  stop it, with its files: gpu-clouds stop ${id}`,
    `  cancel it: gpu-clouds cancel ${id}`,
  ];
}

const onLease = { stop: '', cancel: 'kill the command now' } as const;

/** Asks what an interrupt means. @returns the signal for the next interrupt, or undefined to detach */
async function decided(
  handle: JobHandle,
  { lease }: FollowOptions,
  { prompts, nextInterrupt, note }: Terminal,
): Promise<AbortSignal | undefined> {
  if (prompts === undefined || nextInterrupt === undefined) return undefined;
  const signal = nextInterrupt();
  const instance =
    lease === undefined ? { stop: ', destroy the instance', cancel: 'destroy the instance now' } : onLease;
  const way = await prompts.select(`${handle.id} is still running.`, [
    { value: 'detach', label: 'detach: leave it running' },
    { value: 'stop', label: `stop: end the command, bring its files back${instance.stop}` },
    { value: 'cancel', label: `cancel: ${instance.cancel}, without its files` },
  ]);
  if (way !== 'stop' && way !== 'cancel') return undefined;
  await handle[way]().catch((error: unknown) => note(`gpu-clouds: ${error instanceof Error ? error.message : error}`));
  return signal;
}

/** Follows until the run has ended or the signal of the terminal aborts. */
async function followOnce(
  handle: JobHandle,
  { output, capOf, callerSaysWhy }: FollowOptions,
  terminal: Terminal,
): Promise<JobStatus | undefined> {
  const ended = new AbortController();
  const stop = AbortSignal.any([terminal.signal, ended.signal]);
  const copying =
    output &&
    new AttemptsFollower(
      (attempt, until) => copied(handle.id, output, { attempt, followUntil: until }, terminal),
      stop,
    );
  let last: JobStatus | undefined;
  const linesFor = jobProgress(terminal, callerSaysWhy);
  try {
    for await (const status of statuses(handle, terminal)) {
      for (const line of linesFor(status)) terminal.note(line);
      copying?.reached(latestAttemptOf(status));
      last = status;
      terminal.status?.(status.phase === 'finished' ? undefined : statusLine(status, capOf?.(status), terminal));
    }
  } finally {
    ended.abort();
    await copying?.ended();
    terminal.status?.(undefined);
  }
  return last;
}

async function copied(
  id: string,
  { runs, nodes }: NonNullable<FollowOptions['output']>,
  options: CopyOptions,
  { raw, note }: Terminal,
): Promise<void> {
  try {
    const all = Array.from({ length: nodes }, (_, node) => node);
    await copyOutput(runs, id, all, withNodes(nodes, raw), options);
  } catch (error) {
    // The command still reports how the run ends.
    note(`gpu-clouds: Cannot show the output: ${error instanceof Error ? error.message : error}`);
  }
}

/** Yields each status until the run has ended or the signal aborts. Continues after Temporal was lost, and says so. */
export async function* statuses(
  handle: JobHandle,
  terminal: Pick<Terminal, 'note' | 'signal' | 'wait'>,
): AsyncGenerator<JobStatus, void, undefined> {
  const { signal } = terminal;
  const loss = lossOf(handle.id, terminal);
  while (!signal.aborted) {
    try {
      const watched = handle.watch({ signal })[Symbol.asyncIterator]();
      for (;;) {
        const next = await loss.unlessAborted(() => watched.next());
        if (next.done === true) return;
        loss.answered();
        yield next.value;
      }
    } catch (error) {
      await loss.failed(error);
    }
  }
}

/**
 * Returns the result of a run that has ended.
 * @throws {CliError} when it failed or was cancelled before its command ended
 */
export async function resultOf(client: Client, handle: JobHandle, terminal: Terminal): Promise<JobResult> {
  // The answer to an earlier Ctrl-C may have been to stop the run and wait for its end.
  const { signal } = terminal.signal.aborted ? new AbortController() : terminal;
  const lasting = { ...terminal, signal };
  try {
    return await readPersistently(client, lossOf(handle.id, lasting), lasting, () => handle.result());
  } catch (error) {
    if (!(error instanceof JobFailedError)) throw error;
    throw new CliError(`${error.message} Run "gpu-clouds show ${handle.id}" for its timeline.`, { cause: error });
  }
}

/** Says when Temporal is lost while a run continues. */
export function lossOf(id: string, terminal: Pick<Terminal, 'note' | 'signal' | 'wait'>): TemporalLoss {
  return new TemporalLoss(id, `gpu-clouds show ${id}`, terminal);
}
