import { evict } from '../ssh/evict.ts';
import type { EvictInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess } from './instance-access.ts';

/** Ends what a run left on the instance of a lease, and removes its folder. May be repeated. */
export function evictRun(dependencies: Dependencies) {
  return async (input: EvictInput): Promise<void> => {
    const access = new InstanceAccess(dependencies, { instance: input.instance, secrets: [] });
    await withHeartbeats(
      () => access.session((session) => evict(session, input.folder)),
      () => access.reached,
    );
  };
}
