import { type Waited, type WaitGoal, type WaitUntilOptions, waitUntil } from '@gpu-clouds/core/wait';
import type { MassedComputeClient } from './massed-compute-client.ts';
import type { Instance } from './schemas.ts';

export { WaitError, type WaitErrorCode, type WaitOptions, type WaitProgress } from '@gpu-clouds/core/wait';

const instanceGoals = {
  running: { success: ['running'], failure: ['terminated', 'failed', 'error'] },
  stopped: { success: ['stopped'], failure: ['terminated', 'failed', 'error'] },
  gone: { success: ['terminated', 'deleted'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until an instance is `running` (the default), `stopped` or `gone`. It counts as running when its status says so,
 * its system has booted and it has an address. Asks every 5 to 15 s, for 30 min at most.
 * @throws WaitError `failed` when it came to another end, `deadline` or `aborted`: it may go on billing then
 * @throws ApiError when asking cannot help
 */
export function waitForInstance<Goal extends keyof typeof instanceGoals = 'running'>(
  massedCompute: Pick<MassedComputeClient, 'getInstance'>,
  uuid: string,
  options: WaitUntilOptions<Instance, Goal> = {},
): Promise<Waited<Instance, Goal>> {
  return waitUntil(
    instanceGoals,
    {
      what: `massed-compute instance ${uuid}`,
      poll: (call) => massedCompute.getInstance({ path: { uuid } }, call),
      stateOf,
      advice: 'It may bill until it is terminated.',
      ...{ interval: [5_000, 15_000], deadline: 1_800_000 },
    },
    options,
  );
}

/** Of a machine that is to be used: the document's example has `rented`; brevdev/cloud, tested against the live API, takes all three. */
const up: ReadonlySet<string> = new Set(['rented', 'active', 'running']);

/** Statuses come with and without a capital letter, and long before the machine can be used. */
function stateOf({ status, os_booted, ip }: Instance): string {
  const state = status.toLowerCase();
  if (!up.has(state)) return state;
  return Number(os_booted) === 1 && ip ? 'running' : 'booting';
}
