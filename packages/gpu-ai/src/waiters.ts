import {
  type Waited,
  type WaitGoal,
  type WaitOptions,
  type WaitUntilOptions,
  waitFor,
  waitUntil,
} from '@gpu-clouds/core/wait';
import type { GpuAiClient } from './gpu-ai-client.ts';
import type { Instance, Operation } from './schemas.ts';

export { WaitError, type WaitErrorCode, type WaitOptions, type WaitProgress } from '@gpu-clouds/core/wait';

/** How often to poll, and for how long. Finding a GPU can take 15 minutes. */
const pace = { intervalMs: [2_000, 10_000], deadlineMs: 1_800_000 } as const;

/** The document leaves the set of states open, so an unknown state continues the wait. */
const operationGoal: WaitGoal = { success: ['succeeded'], failure: ['failed', 'cancelled'] };

/**
 * Waits until an operation has succeeded. Creates and deletes of instances return one. Polls every 2 to 10 s, for at most
 * 30 min.
 * @throws {WaitError} `failed` with the vendor's reason, `deadline`, `aborted`. The instance may exist and be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForOperation(
  gpuAi: Pick<GpuAiClient, 'getOperation'>,
  operationId: string,
  options: WaitOptions<Operation> = {},
): Promise<Operation> {
  const wait = waitFor<Operation>(
    {
      what: `gpu-ai operation ${operationId}`,
      goal: operationGoal,
      poll: (call) => gpuAi.getOperation({ path: { id: operationId } }, call),
      stateOf: ({ state }) => state,
      reasonOf: ({ error }) => [error?.code, error?.detail].filter(Boolean).join(', '),
      advice: 'Its instance may exist, and bill until it is deleted.',
      ...pace,
    },
    options,
  );
  // The goal does not include a missing operation, so there is an answer.
  return wait as Promise<Operation>;
}

const instanceGoals = {
  running: { success: ['running'], failure: ['error', 'stopped', 'terminated'] },
  gone: { success: ['terminated'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until an instance is `running` (the default) or `gone`. Polls every 2 to 10 s, for at most 30 min. SSH may not
 * answer yet when an instance is running.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForInstance<Goal extends keyof typeof instanceGoals = 'running'>(
  gpuAi: Pick<GpuAiClient, 'getInstance'>,
  id: string,
  options: WaitUntilOptions<Instance, Goal> = {},
): Promise<Waited<Instance, Goal>> {
  return waitUntil(
    instanceGoals,
    {
      what: `gpu-ai instance ${id}`,
      poll: (call) => gpuAi.getInstance({ path: { id } }, call),
      stateOf: ({ status }) => status,
      advice: 'It may bill until it is deleted.',
      ...pace,
    },
    options,
  );
}
