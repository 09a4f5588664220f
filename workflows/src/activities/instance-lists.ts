import type { Cloud } from '@gpu-clouds/clouds';
import type { Instance } from '@gpu-clouds/clouds/pure';

/**
 * One list call serves everybody in this process who waits for a machine of the same account: vendors limit calls per account, so
 * that asking once for each machine does not scale.
 */
export class InstanceLists {
  readonly #now: () => number;
  readonly #latest = new Map<Cloud, { readonly at: number; readonly list: Promise<readonly Instance[]> }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A list that was asked for no longer than `maxAgeMs` ago. */
  get(cloud: Cloud, maxAgeMs: number): Promise<readonly Instance[]> {
    const latest = this.#latest.get(cloud);
    if (latest !== undefined && this.#now() - latest.at <= maxAgeMs) return latest.list;
    const asked = { at: this.#now(), list: cloud.listInstances() };
    this.#latest.set(cloud, asked);
    asked.list.catch(() => {
      if (this.#latest.get(cloud) === asked) this.#latest.delete(cloud);
    });
    return asked.list;
  }
}
