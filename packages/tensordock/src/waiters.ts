import { type Waited, type WaitGoal, type WaitUntilOptions, waitUntil } from '@gpu-clouds/core/wait';
import type { VirtualMachine } from './schemas.ts';
import type { TensorDockClient } from './tensordock-client.ts';

export { WaitError, type WaitErrorCode, type WaitOptions, type WaitProgress } from '@gpu-clouds/core/wait';

const goals = {
  running: { success: ['running'], failure: ['outbid', 'terminated'] },
  stopped: { success: ['stopped', 'stoppeddisassociated', 'outbid'], failure: ['terminated'] },
  gone: { success: ['terminated'], failure: [], missing: 'success' },
} satisfies Record<string, WaitGoal>;

/** The words of public clients, dstack's among them: a machine that is gone is told by a text, on a 200 or a 404. */
const missing = /not found|already terminated|does not exist|no such/i;

/**
 * Waits until a virtual machine is `running` (the default), `stopped` or `gone`. Asks every 5 to 20 s, for 15 min at most.
 * A stopped one that keeps its resources goes on billing.
 * @throws WaitError `failed` when it came to another end, `deadline` or `aborted`: it may go on billing then
 * @throws ApiError when asking cannot help
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
      isMissing: ({ code, message }) => code === 'not-found' || (code === 'vendor-failure' && missing.test(message)),
      advice: 'It may bill until it is deleted.',
      ...{ interval: [5_000, 20_000], deadline: 900_000 },
    },
    options,
  );
}
