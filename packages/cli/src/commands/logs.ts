import { jobHandle, maxNodes, type RunStore } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import { copyOutput, withNodes } from '../output/copy-output.ts';
import { doing } from '../output/job-progress.ts';
import { tailOffset } from '../output/tail-offset.ts';
import { runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface LogsOptions {
  /** Wait for more output until the run has ended. */
  readonly follow?: boolean | undefined;
  /** Print only this many last lines of each node. */
  readonly tail?: number | undefined;
  /** Print only the output of this node. */
  readonly node?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Prints the output of a run, byte for byte, from the run store (GPU_CLOUDS_RUNS): the output of the setup first, then that of the command.
 * With several nodes, each line starts with its node number.
 * @throws {CliError} when the run has no stored output
 */
export async function logs(id: string, options: LogsOptions, terminal: Terminal): Promise<void> {
  const runs = await runStore(terminal);
  if (options.follow) {
    await withTemporal(terminal, async (client) => {
      const run = jobHandle(client, id);
      const { nodes } = await run.status();
      const ended = new AbortController();
      const stop = AbortSignal.any([ended.signal, terminal.signal]);
      const copying = print(runs, id, nodes, options, terminal, stop);
      // When reading fails, stop waiting for the run.
      copying.catch(() => ended.abort());
      try {
        // Wait for the end of the run; its statuses are not shown.
        for await (const _ of run.watch({ signal: stop }));
      } finally {
        ended.abort();
        await copying;
      }
    });
    return;
  }
  const nodes = await storedNodes(runs, id);
  if (nodes === 0) throw new CliError(await whyNothing(id, terminal));
  await print(runs, id, nodes, options, terminal);
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

/** Returns the number of nodes, counted up to the last one that has stored output. */
async function storedNodes(runs: RunStore, id: string): Promise<number> {
  const sizes = await Promise.all(Array.from({ length: maxNodes }, (_, node) => runs.outputSize({ run: id, node })));
  return sizes.findLastIndex((size) => size > 0) + 1;
}

async function print(
  runs: RunStore,
  id: string,
  nodes: number,
  { tail, node, json }: LogsOptions,
  terminal: Terminal,
  followUntil?: AbortSignal,
): Promise<void> {
  if (node !== undefined && node >= nodes)
    throw new CliError(`"${id}" has no node ${node}: its nodes are 0 to ${nodes - 1}.`, { exitCode: exitCodes.usage });
  const shown = node === undefined ? Array.from({ length: nodes }, (_, index) => index) : [node];
  const from = await Promise.all(
    shown.map((one) => (tail === undefined ? 0 : tailOffset(runs, { run: id, node: one }, tail))),
  );
  const decoders = shown.map(() => new TextDecoder());
  const asJson = (bytes: Uint8Array, one: number) => {
    const output = decoders[shown.indexOf(one)]?.decode(bytes, { stream: true });
    if (output !== '') terminal.out(JSON.stringify({ id, node: one, output }));
  };
  const onOutput = json ? asJson : withNodes(shown.length, terminal.raw);
  await copyOutput(runs, id, shown, onOutput, { from, followUntil });
}
