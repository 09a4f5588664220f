import { jobHandle, readOutput } from '@gpu-clouds/workflows';
import { CliError } from '../cli-error.ts';
import { runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface LogsOptions {
  /** Goes on until the run has ended. */
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Prints the output of a run that this machine's workers stored: setup's first, then the command's. */
export async function logs(id: string, options: LogsOptions, terminal: Terminal): Promise<void> {
  if (options.follow) {
    await withTemporal(terminal, async (client) => {
      const ended = new AbortController();
      const copying = print(id, options, terminal, AbortSignal.any([ended.signal, terminal.signal]));
      try {
        // Only the end matters here.
        for await (const _ of jobHandle(client, id).watch({ signal: terminal.signal }));
      } finally {
        ended.abort();
        await copying;
      }
    });
    return;
  }
  if ((await runStore(terminal).outputSize({ run: id, node: 0 })) === 0) {
    throw new CliError(
      `No output of "${id}" is stored here. "gpu-clouds ps --all" lists the runs; --follow waits for output.`,
    );
  }
  await print(id, options, terminal);
}

async function print(id: string, options: LogsOptions, terminal: Terminal, followUntil?: AbortSignal): Promise<void> {
  const text = new TextDecoder();
  const pieces = readOutput(runStore(terminal), id, followUntil === undefined ? {} : { followUntil });
  for await (const bytes of pieces) {
    const piece = text.decode(bytes, { stream: true });
    if (options.json) terminal.out(JSON.stringify({ id, output: piece }));
    else terminal.raw(piece);
  }
}
