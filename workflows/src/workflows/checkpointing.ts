import { CancellationScope } from '@temporalio/workflow';
import type { Machine } from '../activities/contract.ts';
import { durationSeconds } from '../job/duration.ts';
import { onMachine } from './activity-proxies.ts';
import type { JobRun } from './job-run.ts';

/** Does what a command runs in, and has the job's checkpoint folder saved meanwhile. */
export async function checkpointed<T>(run: JobRun, machine: Machine, command: () => Promise<T>): Promise<T> {
  const { checkpoint } = run.order.job;
  if (checkpoint === undefined) return command();
  const { folder, every } = checkpoint;
  const scope = new CancellationScope();
  const input = { run: run.order.id, machine, folder, everySeconds: durationSeconds(every) };
  // However it ends, the command decides how the job does.
  const keeping = scope.run(() => onMachine.keepCheckpoints(input)).catch(() => undefined);
  try {
    return await command();
  } finally {
    scope.cancel();
    // So that no save is under way when the checkpoints are dropped or restored elsewhere.
    await keeping;
  }
}

/** Puts the last checkpoint of the machine before on this one. */
export async function restore(run: JobRun, machine: Machine): Promise<void> {
  const { checkpoint } = run.order.job;
  if (checkpoint === undefined) return;
  const restored = await onMachine.restoreCheckpoint({ run: run.order.id, machine, folder: checkpoint.folder });
  if (restored !== undefined) run.restored(restored.savedAt);
}

/** After a success nobody needs them. */
export async function dropCheckpoints(run: JobRun): Promise<void> {
  if (run.order.job.checkpoint !== undefined) await onMachine.dropCheckpoints(run.order.id);
}
