import { cancelJob, jobHandle, stopJob } from '@gpu-clouds/jobs';
import { jobProgress } from '../output/job-progress.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface EndOptions {
  /** Return before the instances are gone. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `stop` lets the command exit and collects its files. `cancel` does neither. */
const ways = { stop: stopJob, cancel: cancelJob } as const;

/** Ends a run, and waits until its instances are gone unless `detach` is set. */
export async function end(id: string, way: keyof typeof ways, options: EndOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await ways[way](client, id);
    if (options.detach) {
      terminal.note(
        `${way === 'stop' ? 'Stop' : 'Cancellation'} of ${id} requested. It ends once its instances are destroyed.`,
      );
      return;
    }
    const linesFor = jobProgress();
    for await (const status of jobHandle(client, id).watch({ signal: terminal.signal })) {
      for (const line of linesFor(status)) terminal.note(line);
      if (options.json && status.phase === 'finished') terminal.out(JSON.stringify(status));
    }
  });
}
