import { formatOwnerId, parseInstanceName } from '@gpu-clouds/clouds';

/** Returns the part of instance names that stands for a run: its id, or a hash of it. */
export function runKey(id: string): string {
  return runOf({ name: formatOwnerId({ fleet: 'any', run: id, ordinal: 0 }) });
}

/** Returns the part of an instance name that stands for its run. */
export function runOf({ name }: { readonly name: string }): string {
  return parseInstanceName(name)?.run ?? '';
}
