import { cancelJob, jobHandle } from '@gpu-clouds/workflows';
import { jobProgress } from '../output/job-progress.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface CancelOptions {
  /** Return before the machines are gone. */
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Ends a run now and waits until its machines are gone. */
export async function cancel(id: string, options: CancelOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await cancelJob(client, id);
    if (options.detach) {
      terminal.note(`${id} is asked to stop; its machines are destroyed before it ends.`);
      return;
    }
    const linesFor = jobProgress();
    for await (const status of jobHandle(client, id).watch({ signal: terminal.signal })) {
      for (const line of linesFor(status)) terminal.note(line);
      if (options.json && status.phase === 'finished') terminal.out(JSON.stringify(status));
    }
  });
}
