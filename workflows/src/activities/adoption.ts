import { CloudError, haveSameOwner, type Instance } from '@gpu-clouds/clouds/pure';

/** Returns the instance that an earlier create made under this instance name. */
export function findAdoptable(listed: readonly Instance[], instanceName: string): Instance | undefined {
  return listed.find(({ name }) => haveSameOwner(name, instanceName));
}

/**
 * Returns whether an earlier attempt may have sent a create whose result is unknown, because it was killed or lost its connection.
 * @param cleanAttempt The last attempt that ended knowing that it left no unknown instance.
 */
export function mayFollowCreate(attempt: number, cleanAttempt: number | undefined): boolean {
  return attempt > 1 && cleanAttempt !== attempt - 1;
}

/** Returns whether a failed write may have taken effect. */
export function mayHaveTakenEffect(error: unknown): boolean {
  return !CloudError.isInstance(error) || error.mayHaveTakenEffect;
}
