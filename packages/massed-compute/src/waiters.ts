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
 * Waits until an instance is `running` (the default), `stopped`, or `gone`. Running means that its status says so, its
 * operating system has booted, and it has an address. Polls every 5 to 15 s, for at most 30 min.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
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
      intervalMs: [5_000, 15_000],
      deadlineMs: 1_800_000,
    },
    options,
  );
}

/** Statuses of a usable instance. The document's example has `rented`. brevdev/cloud, tested against the live API, accepts all three. */
const up: ReadonlySet<string> = new Set(['rented', 'active', 'running']);

/** Returns the state. Statuses differ in case, and report `running` long before the instance is usable. */
function stateOf({ status, os_booted, ip }: Instance): string {
  const state = status.toLowerCase();
  if (!up.has(state)) return state;
  return Number(os_booted) === 1 && ip ? 'running' : 'booting';
}
