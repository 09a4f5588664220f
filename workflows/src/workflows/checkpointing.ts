import { durationSeconds, type InstanceJob } from '@gpu-clouds/jobs/contract';
import { CancellationScope } from '@temporalio/workflow';
import { onInstance } from './activity-proxies.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';

/** Runs the command, and meanwhile saves the checkpoint folder of the first node. */
export async function checkpointed<T>(
  run: JobRun<InstanceJob>,
  [first]: readonly JobNode[],
  command: () => Promise<T>,
): Promise<T> {
  const { checkpoint, secrets } = run.order.job;
  if (checkpoint === undefined || first === undefined) return command();
  const { folder, every } = checkpoint;
  const scope = new CancellationScope();
  const input = { run: run.order.id, instance: first.instance, secrets, folder, everySeconds: durationSeconds(every) };
  // Only the command decides how the job ends.
  const keeping = scope.run(() => onInstance.keepCheckpoints(input)).catch(() => undefined);
  try {
    return await command();
  } finally {
    scope.cancel();
    // No save may be under way when the checkpoints are dropped or restored elsewhere.
    await keeping;
  }
}

/** Restores the last checkpoint of earlier instances on each node. */
export async function restore(run: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<void> {
  const { checkpoint, secrets } = run.order.job;
  if (checkpoint === undefined) return;
  const { folder } = checkpoint;
  const [restored] = await onEveryNode(nodes, ({ instance }) =>
    onInstance.restoreCheckpoint({ run: run.order.id, instance, secrets, folder }),
  );
  if (restored !== undefined) run.restored(restored.savedAt);
}

/** Deletes the checkpoints after a success, once its files are back. */
export async function dropCheckpoints(run: JobRun<InstanceJob>): Promise<void> {
  if (run.order.job.checkpoint !== undefined) await onInstance.dropCheckpoints(run.order.id);
}
