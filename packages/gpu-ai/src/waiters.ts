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

const minute = 60_000;

/** An unknown state is not the end: so says the patched document. */
const operationGoal: WaitGoal = { success: ['succeeded'], failure: ['failed', 'cancelled'] };

/**
 * Waits until an operation, which creating and deleting an instance answer, has succeeded. Asks every 2 to 10 s, for
 * 30 min at most: finding a machine can take 15.
 * @throws WaitError `failed` with the vendor's reason, `deadline` or `aborted`: the instance may exist and bill then
 * @throws ApiError when asking cannot help
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
      ...{ interval: [2_000, 10_000], deadline: 30 * minute },
    },
    options,
  );
  // Nothing is waited for here that could be missing.
  return wait as Promise<Operation>;
}

const instanceGoals = {
  running: { success: ['running'], failure: ['error', 'stopped', 'terminated'] },
  gone: { success: ['terminated'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/**
 * Waits until an instance is `running` (the default) or `gone`. Asks every 2 to 10 s, for 30 min at most. Running is no
 * promise that SSH answers already.
 * @throws WaitError `failed` when it came to another end, `deadline` or `aborted`: it may go on billing then
 * @throws ApiError when asking cannot help
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
      ...{ interval: [2_000, 10_000], deadline: 30 * minute },
    },
    options,
  );
}
