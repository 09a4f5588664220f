/** Fault classes that `--faults` can enable and disable. */
export const faultClasses = [
  /** A worker is killed with SIGKILL. Another one starts soon after. */
  'worker-kill',
  /** A worker is stopped with SIGTERM and replaced, as in a rolling update. */
  'worker-deploy',
  /** The Temporal server is killed with SIGKILL. It restarts with the same port and database. */
  'server-kill',
  /** HTTP 500, 502, and 503, and dropped connections. */
  'vendor-errors',
  'rate-limit',
  'latency',
  /** A create or delete takes effect, but its response is lost. */
  'lost-response',
  'list-lag',
  'out-of-capacity',
  'accepted-then-failed',
  'never-boots',
  'ssh-refuses',
  'ssh-drop',
  'preempt',
  'delete-fails',
  /** A user cancels runs. */
  'cancel',
  /** A user terminates runs. */
  'terminate',
  /** The workflow that owns an instance is terminated. */
  'terminate-owner',
  /** A run is reset to its beginning. */
  'reset',
] as const;
export type FaultClass = (typeof faultClasses)[number];

/** Fault classes after which a run may correctly end because no offer worked. */
export const costsOffers: readonly FaultClass[] = [
  'vendor-errors',
  'rate-limit',
  'latency',
  'lost-response',
  'out-of-capacity',
  'accepted-then-failed',
  'never-boots',
  'ssh-refuses',
  'ssh-drop',
  'preempt',
  'server-kill',
];

/** Thrown when a list of faults contains an unknown name. */
export class FaultListError extends Error {}

/**
 * Parses `all`, `none`, or names separated by commas. Names with a leading minus select all other faults.
 * @throws {FaultListError} when a name is unknown; the message lists the known names
 */
export function readFaultList(text: string): ReadonlySet<FaultClass> {
  const words = text.split(',').map((word) => word.trim());
  const without = words.every((word) => word.startsWith('-'));
  const begin = without || words.includes('all') ? faultClasses : [];
  const chosen = new Set<FaultClass>(begin);
  for (const word of words) {
    if (['all', 'none'].includes(word)) continue;
    const name = faultClasses.find((known) => known === word.replace(/^-/, ''));
    if (name === undefined) {
      throw new FaultListError(`Unknown fault "${word}". Use all, none, or: ${faultClasses.join(', ')}.`);
    }
    if (word.startsWith('-')) chosen.delete(name);
    else chosen.add(name);
  }
  return chosen;
}
