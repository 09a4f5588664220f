import { durationSeconds } from '@gpu-clouds/jobs/contract';
import { CancellationScope } from '@temporalio/workflow';
import { onInstance } from './activity-proxies.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';

/** Does what a command runs in, and has the checkpoint folder of the first node saved meanwhile. */
export async function checkpointed<T>(run: JobRun, [first]: readonly JobNode[], command: () => Promise<T>): Promise<T> {
  const { checkpoint, secrets } = run.order.job;
  if (checkpoint === undefined || first === undefined) return command();
  const { folder, every } = checkpoint;
  const scope = new CancellationScope();
  const input = { run: run.order.id, instance: first.instance, secrets, folder, everySeconds: durationSeconds(every) };
  // However it ends, the command decides how the job does.
  const keeping = scope.run(() => onInstance.keepCheckpoints(input)).catch(() => undefined);
  try {
    return await command();
  } finally {
    scope.cancel();
    // So that no save is under way when the checkpoints are dropped or restored elsewhere.
    await keeping;
  }
}

/** Puts the last checkpoint of the instances before on each of these. */
export async function restore(run: JobRun, nodes: readonly JobNode[]): Promise<void> {
  const { checkpoint, secrets } = run.order.job;
  if (checkpoint === undefined) return;
  const { folder } = checkpoint;
  const [restored] = await onEveryNode(nodes, ({ instance }) =>
    onInstance.restoreCheckpoint({ run: run.order.id, instance: instance, secrets, folder }),
  );
  if (restored !== undefined) run.restored(restored.savedAt);
}

/** After a success nobody needs them. */
export async function dropCheckpoints(run: JobRun): Promise<void> {
  if (run.order.job.checkpoint !== undefined) await onInstance.dropCheckpoints(run.order.id);
}
