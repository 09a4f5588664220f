import { jobHandle, maxNodes } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { copyOutput, withNodes } from '../output/copy-output.ts';
import { doing } from '../output/job-progress.ts';
import { runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface LogsOptions {
  /** Goes on until the run has ended. */
  readonly follow?: boolean;
  readonly json?: boolean;
}

/**
 * Prints the output of a run that is stored where this command looks (GPU_CLOUDS_RUNS): setup's first, then the command's; with several
 * nodes, line by line with its node.
 */
export async function logs(id: string, options: LogsOptions, terminal: Terminal): Promise<void> {
  if (options.follow) {
    await withTemporal(terminal, async (client) => {
      const run = jobHandle(client, id);
      const { nodes } = await run.status();
      const ended = new AbortController();
      const stop = AbortSignal.any([ended.signal, terminal.signal]);
      const copying = print(id, nodes, options, terminal, stop);
      // Without output there is nothing to wait for.
      copying.catch(() => ended.abort());
      try {
        // Only the end matters here.
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

/** Output is read from where it is stored; only Temporal knows whether there should be any. @throws JobNotFoundError */
async function whyNothing(id: string, terminal: Terminal): Promise<string> {
  const { phase } = await withTemporal(terminal, (client) => jobHandle(client, id).status());
  return phase === 'finished'
    ? `"${id}" has ended, and no output of it is stored where this command looks: it wrote nothing, or GPU_CLOUDS_RUNS is not what the worker has.`
    : `"${id}" has no output yet: it is ${doing[phase]}. --follow waits for it; a job deployment has its output when it ends.`;
}

/** Up to the last one that has written something. */
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
  const asJson = (output: string, node: number) => terminal.out(JSON.stringify({ id, node, output }));
  const onOutput = options.json ? asJson : withNodes(nodes, terminal.raw);
  await copyOutput(await runStore(terminal), id, nodes, onOutput, followUntil);
}
