import { deriveSshKey } from '@gpu-clouds/jobs';
import { Context, cancellationSignal, sleep } from '@temporalio/activity';
import { askUse, type InstanceUse, warnTerminals } from '../ssh/instance-use.ts';
import { openSession, type SshSession } from '../ssh/ssh-session.ts';
import type { IdlenessInput, IdleTime } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { idleSeconds, idleTimeAfter } from './idle-time.ts';

/** What one attempt leaves to the next. */
interface Watched {
  readonly idle?: IdleTime | undefined;
  readonly isWarned: boolean;
}

/**
 * Watches the use of an instance until nobody has used it for a time, or, if somebody was warned of that, until it is used again. Never fails: an
 * instance that cannot be asked is not idle.
 * @param clock Returns milliseconds since the epoch. Not Temporal's time, which leaves out how long an attempt waited for a worker. A clock that
 * jumps, or differs from that of the worker before, restarts the idle time.
 * @returns The time without use. Undefined if the instance was used after the warning.
 */
export function watchIdleness(
  dependencies: Pick<Dependencies, 'masterSecret' | 'timing'>,
  clock: () => number = Date.now,
) {
  return async (input: IdlenessInput): Promise<IdleTime | undefined> => {
    const { after, forSeconds, warning } = input;
    const before: Watched | undefined = Context.current().info.heartbeatDetails;
    let { idle = after, isWarned = warning === undefined } = before ?? {};
    const poll = async (session: SshSession) => {
      if (!isWarned && warning !== undefined) await warnTerminals(session, warning);
      isWarned = true;
      return askUse(session, input.gpuCount);
    };
    const watch = async () => {
      for (;;) {
        idle = idleTimeAfter(idle, await asked(dependencies, input, poll), clock());
        if (after !== undefined && idle?.since !== after.since) return undefined;
        if (idle !== undefined && idleSeconds(idle) >= forSeconds) return idle;
        await sleep(dependencies.timing.idlePollMs);
      }
    };
    return withHeartbeats(watch, (): Watched => ({ idle, isWarned }));
  };
}

/** Each poll has a connection of its own, so that a worker that dies leaves none behind that looks like a login. */
async function asked(
  { masterSecret }: Pick<Dependencies, 'masterSecret'>,
  { instance: { instanceName, ssh, hostKey, secretId } }: IdlenessInput,
  poll: (session: SshSession) => Promise<InstanceUse | undefined>,
): Promise<InstanceUse | undefined> {
  try {
    const { privateKey } = deriveSshKey(masterSecret, instanceName, secretId);
    const session = await openSession({ address: ssh, hostKey, privateKey }, cancellationSignal());
    return await poll(session).finally(() => session.close());
  } catch {
    if (cancellationSignal().aborted) await Context.current().cancelled;
    return undefined;
  }
}
