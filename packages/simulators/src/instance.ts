import type { InstanceRuntime, InstanceRuntimeOptions } from './instance-runtime.ts';

/** Where an instance stands, whatever its vendor calls it. */
export type Phase = 'provisioning' | 'running' | 'stopped' | 'deleting' | 'gone' | 'failed';

/** One instance of one vendor. */
export interface Instance<Detail> {
  readonly id: string;
  name: string;
  readonly createdAt: number;
  readonly detail: Detail;
  phase: Phase;
  pricePerHour: number;
  readyAt?: number;
  goneAt?: number;
  /** True when the vendor took it away. */
  preempted: boolean;
  /** Lists leave it out until then. */
  listedAt: number;
  /** What it took of the stock is free again. */
  released: boolean;
  runtime?: InstanceRuntime;
}

export interface Launch<Detail> {
  readonly id: string;
  readonly name: string;
  readonly pricePerHour: number;
  readonly detail: Detail;
  readonly runtime: Omit<InstanceRuntimeOptions, 'id' | 'folder' | 'refusesSeconds' | 'dropsAfterSeconds'>;
}

/** How a vendor's instances differ, and what it wants to know of them. */
export interface InstanceStoreOptions<Detail> {
  /** Gone as soon as deleting is asked for, instead of a quarter of the boot time later. */
  readonly deletesAtOnce?: true;
  /** An order that fails after it was accepted is gone, instead of being listed until somebody deletes it. */
  readonly forgetsFailures?: true;
  /** An order that does not boot fails after so long. Left out: it stays until somebody deletes it. */
  readonly failsAfterSeconds?: number;
  readonly onRunning?: (instance: Instance<Detail>) => void;
  /** It is gone, or has failed: what it took of the stock is free again. */
  readonly onGone?: (instance: Instance<Detail>) => void;
}
