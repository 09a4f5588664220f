import { teardownStuckAfterMs } from '@gpu-clouds/jobs/contract';
import { CancellationScope, sleep } from '@temporalio/workflow';

/**
 * Does a teardown, and says so while it takes longer than it should: somebody has to look. It goes on all the same.
 * @param tell Gets when the teardown began, ISO 8601, once it is stuck; undefined when it no longer is.
 */
export async function alarmed(teardown: () => Promise<void>, tell: (since: string | undefined) => void): Promise<void> {
  const since = new Date(Date.now()).toISOString();
  let stuck = false;
  const watching = new CancellationScope();
  const late = watching.run(async () => {
    await sleep(teardownStuckAfterMs);
    stuck = true;
    tell(since);
  });
  // It is cancelled, mostly.
  late.catch(() => undefined);
  try {
    await teardown();
  } finally {
    watching.cancel();
    if (stuck) tell(undefined);
  }
}
