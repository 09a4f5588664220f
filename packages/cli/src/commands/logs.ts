import { jobHandle, latestAttemptOf, type OutputRef, type RunStore, sinceOffset, tailOffset } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import { statuses } from '../follow-run.ts';
import { copyOutput, withNodes } from '../output/copy-output.ts';
import { AttemptsFollower } from '../output/follow-attempts.ts';
import { doing } from '../output/job-progress.ts';
import { runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface LogsOptions {
  /** Wait for more output until the run has ended. */
  readonly follow?: boolean | undefined;
  /** Print only this many last lines of each node. */
  readonly tail?: number | undefined;
  /** Print only what arrived since then. */
  readonly since?: Date | undefined;
  /** Print only the output of this node. */
  readonly node?: number | undefined;
  /** Print only the output of this attempt of the command, from 1. */
  readonly attempt?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Prints the output of a run, byte for byte, from the run store (GPU_CLOUDS_RUNS): the output of the setup first, then that of the command.
 * With several nodes, each line starts with its node number. Of several attempts of the command, prints the latest.
 * @throws {CliError} when the run has no stored output
 */
export async function logs(id: string, options: LogsOptions, terminal: Terminal): Promise<void> {
  const runs = await runStore(terminal);
  if (options.follow) {
    await withTemporal(terminal, async (client) => {
      const run = jobHandle(client, id);
      const status = await run.status();
      const first = options.attempt ?? latestAttemptOf(status);
      const ended = new AbortController();
      const stop = AbortSignal.any([ended.signal, terminal.signal]);
      const copying = new AttemptsFollower(
        (attempt, followUntil) =>
          print({ runs, id, nodes: status.nodes, attempt }, options, terminal, followUntil).catch((error) => {
            // When reading fails, stop waiting for the run.
            ended.abort();
            throw error;
          }),
        stop,
        first,
      );
      try {
        // Its statuses are not shown.
        for await (const now of statuses(run, { ...terminal, signal: stop })) {
          const latest = latestAttemptOf(now);
          if (options.attempt === undefined) copying.reached(latest);
          else if (latest > options.attempt) break;
        }
      } finally {
        ended.abort();
        await copying.ended();
      }
    });
    return;
  }
  const stored = await runs.listOutput(id);
  if (stored.length === 0) throw new CliError(await whyNothing(id, terminal));
  const nodes = Math.max(...stored.map(({ node }) => node)) + 1;
  const latest = Math.max(...stored.map((output) => output.attempt));
  const { attempt = latest } = options;
  if (attempt > latest)
    throw new CliError(`"${id}" has no output of attempt ${attempt}: its attempts are 1 to ${latest}.`, {
      exitCode: exitCodes.usage,
    });
  if (latest > 1 && options.attempt === undefined)
    terminal.note(`Attempt ${attempt}. Use --attempt <n> for the output of an earlier one.`);
  await print({ runs, id, nodes, attempt }, options, terminal);
}

/**
 * Returns why a run has no stored output, from its phase in Temporal.
 * @throws {JobNotFoundError} when there is no such run
 */
async function whyNothing(id: string, terminal: Terminal): Promise<string> {
  const { phase } = await withTemporal(terminal, (client) => jobHandle(client, id).status());
  return phase === 'finished'
    ? `"${id}" has ended, but the run store has no output of it. Either it wrote nothing, or GPU_CLOUDS_RUNS differs from the worker's: set it to the same value.`
    : `"${id}" has no output yet: it is ${doing[phase]}. Use --follow to wait for output. A job deployment has output only once it has ended.`;
}

interface AttemptOutput {
  readonly runs: RunStore;
  readonly id: string;
  readonly nodes: number;
  readonly attempt: number;
}

async function print(
  { runs, id, nodes, attempt }: AttemptOutput,
  { tail, since, node, json }: LogsOptions,
  terminal: Terminal,
  followUntil?: AbortSignal,
): Promise<void> {
  if (node !== undefined && node >= nodes)
    throw new CliError(
      `"${id}" has no node ${node}. ${nodes === 1 ? 'Its only node is 0.' : `Its nodes are 0 to ${nodes - 1}.`}`,
      { exitCode: exitCodes.usage },
    );
  const shown = node === undefined ? Array.from({ length: nodes }, (_, index) => index) : [node];
  const begins = await Promise.all(shown.map((one) => beginOf(runs, { run: id, node: one, attempt }, { tail, since })));
  const from = begins.map((begin) => begin.offset);
  if (begins.some(({ isUndated }) => isUndated))
    terminal.note('The run store does not have the times of this output, so --since leaves nothing out.');
  const decoders = shown.map(() => new TextDecoder());
  const asJson = (bytes: Uint8Array, one: number) => {
    const output = decoders[shown.indexOf(one)]?.decode(bytes, { stream: true });
    if (output !== '') terminal.out(JSON.stringify({ id, node: one, attempt, output }));
  };
  const onOutput = json ? asJson : withNodes(shown.length, terminal.raw);
  await copyOutput(runs, id, shown, onOutput, { attempt, from, followUntil });
}

/** Returns the offset at which the shown output begins. Without the times of the output, all of it counts as new. */
async function beginOf(
  runs: RunStore,
  output: OutputRef,
  { tail, since }: Pick<LogsOptions, 'tail' | 'since'>,
): Promise<{ readonly offset: number; readonly isUndated: boolean }> {
  const byTail = tail === undefined ? 0 : await tailOffset(runs, output, tail);
  if (since === undefined) return { offset: byTail, isUndated: false };
  const bySince = await sinceOffset(runs, output, since);
  const isUndated = bySince === undefined && (await runs.outputSize(output)) > 0;
  return { offset: Math.max(byTail, bySince ?? 0), isUndated };
}
