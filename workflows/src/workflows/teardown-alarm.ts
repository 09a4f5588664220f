import { teardownStuckAfterMs } from '@gpu-clouds/jobs/contract';
import { CancellationScope, sleep } from '@temporalio/workflow';

/**
 * Does a teardown, and reports while it is stuck. The teardown continues.
 * @param report Called with the start of the teardown in ISO 8601 once it is stuck, and with undefined once it has ended.
 */
export async function alarmed<T>(teardown: () => Promise<T>, report: (since: string | undefined) => void): Promise<T> {
  const since = new Date(Date.now()).toISOString();
  let stuck = false;
  const scope = new CancellationScope();
  const late = scope.run(async () => {
    await sleep(teardownStuckAfterMs);
    stuck = true;
    report(since);
  });
  // It is usually cancelled.
  late.catch(() => undefined);
  try {
    return await teardown();
  } finally {
    scope.cancel();
    if (stuck) report(undefined);
  }
}
