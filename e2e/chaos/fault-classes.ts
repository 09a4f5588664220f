/** What can be switched on and off with `--faults`. */
export const faultClasses = [
  /** SIGKILL of a worker; another one starts soon after. */
  'worker-kill',
  /** A worker is asked to end and replaced, as at a deploy. */
  'worker-deploy',
  /** SIGKILL of the Temporal server, which comes back on the same port and database. */
  'server-kill',
  /** 500, 502, 503, cut connections. */
  'vendor-errors',
  'rate-limit',
  'latency',
  /** A create or a delete takes effect and its answer is lost. */
  'lost-response',
  'list-lag',
  'out-of-capacity',
  'accepted-then-failed',
  'never-boots',
  'ssh-refuses',
  'ssh-drop',
  'preempt',
  'delete-fails',
  /** The user cancels runs. */
  'cancel',
  /** The user terminates runs. */
  'terminate',
  /** Somebody terminates the workflow that owns an instance. */
  'terminate-owner',
  /** Somebody resets a run to its beginning. */
  'reset',
] as const;
export type FaultClass = (typeof faultClasses)[number];

/** Those after which a run may truthfully end without having found an instance that did it. */
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

export class FaultListError extends Error {}

/**
 * `all`, `none`, or names separated by commas; with a leading minus, all without it.
 * @throws FaultListError naming what is known
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
      throw new FaultListError(`"${word}" is no fault; known are all, none, ${faultClasses.join(', ')}.`);
    }
    if (word.startsWith('-')) chosen.delete(name);
    else chosen.add(name);
  }
  return chosen;
}
