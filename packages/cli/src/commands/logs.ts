import { jobHandle, maxNodes } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { copyOutput, withNodes } from '../output/copy-output.ts';
import { doing } from '../output/job-progress.ts';
import { runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface LogsOptions {
  /** Wait for more output until the run has ended. */
  readonly follow?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Prints the output of a run, byte for byte, from the run store (GPU_CLOUDS_RUNS): the output of the setup first, then that of the command.
 * With several nodes, each line starts with its node number.
 * @throws {CliError} when the run has no stored output
 */
export async function logs(id: string, options: LogsOptions, terminal: Terminal): Promise<void> {
  if (options.follow) {
    await withTemporal(terminal, async (client) => {
      const run = jobHandle(client, id);
      const { nodes } = await run.status();
      const ended = new AbortController();
      const stop = AbortSignal.any([ended.signal, terminal.signal]);
      const copying = print(id, nodes, options, terminal, stop);
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
  const nodes = await storedNodes(id, terminal);
  if (nodes === 0) throw new CliError(await whyNothing(id, terminal));
  await print(id, nodes, options, terminal);
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
async function storedNodes(id: string, terminal: Terminal): Promise<number> {
  const runs = await runStore(terminal);
  const sizes = await Promise.all(Array.from({ length: maxNodes }, (_, node) => runs.outputSize({ run: id, node })));
  return sizes.findLastIndex((size) => size > 0) + 1;
}

async function print(
  id: string,
  nodes: number,
  options: LogsOptions,
  terminal: Terminal,
  followUntil?: AbortSignal,
): Promise<void> {
  const decoders = Array.from({ length: nodes }, () => new TextDecoder());
  const asJson = (bytes: Uint8Array, node: number) => {
    const output = decoders[node]?.decode(bytes, { stream: true });
    if (output !== '') terminal.out(JSON.stringify({ id, node, output }));
  };
  const onOutput = options.json ? asJson : withNodes(nodes, terminal.raw);
  await copyOutput(await runStore(terminal), id, nodes, onOutput, followUntil);
}
