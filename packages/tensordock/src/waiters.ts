import { type Waited, type WaitGoal, type WaitUntilOptions, waitUntil } from '@gpu-clouds/core/wait';
import type { VirtualMachine } from './schemas.ts';
import type { TensorDockClient } from './tensordock-client.ts';

export { WaitError, type WaitErrorCode, type WaitOptions, type WaitProgress } from '@gpu-clouds/core/wait';

const goals = {
  running: { success: ['running'], failure: ['outbid', 'terminated'] },
  stopped: { success: ['stopped', 'stoppeddisassociated', 'outbid'], failure: ['terminated'] },
  gone: { success: ['terminated'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/** Messages for a server that is gone, with status 200 or 404, according to public clients such as dstack. */
const missing = /not found|already terminated|does not exist|no such/i;

/**
 * Waits until a virtual machine is `running` (the default), `stopped`, or `gone`. Polls every 5 to 20 s, for at most 15 min.
 * A stopped one that keeps its resources keeps billing.
 * @throws {WaitError} `failed`, `deadline`, `aborted`. The resource may still be billed then.
 * @throws {ApiError} a later poll cannot succeed
 */
export function waitForInstance<Goal extends keyof typeof goals = 'running'>(
  tensorDock: Pick<TensorDockClient, 'getVirtualMachine'>,
  server: string,
  options: WaitUntilOptions<VirtualMachine, Goal> = {},
): Promise<Waited<VirtualMachine, Goal>> {
  return waitUntil(
    goals,
    {
      what: `tensordock server ${server}`,
      async poll(call) {
        const answer = await tensorDock.getVirtualMachine({ body: { server } }, call);
        return 'virtualmachine' in answer ? answer.virtualmachine : answer.virtualmachines;
      },
      stateOf: ({ status }) => status.toLowerCase(),
      isMissing: ({ code, vendorMessage = '' }) =>
        code === 'not-found' || (code === 'vendor-failure' && missing.test(vendorMessage)),
      advice: 'It may bill until it is deleted.',
      intervalMs: [5_000, 20_000],
      deadlineMs: 900_000,
    },
    options,
  );
}
