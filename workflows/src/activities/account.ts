import { AccountWatch, type Cloud, InstancePoller } from '@gpu-clouds/clouds';
import type { Timing } from '../timing.ts';

/** What all activities of one worker share about a vendor's account. */
export class Account {
  /** Compares the lists of the poller and of all teardowns. */
  readonly watch = new AccountWatch();
  /** One list call serves every waiting activity. */
  readonly poller: InstancePoller;

  constructor(cloud: Cloud, { pollIntervalMs }: Timing) {
    this.poller = new InstancePoller(cloud, { intervalMs: pollIntervalMs, account: this.watch });
  }
}
