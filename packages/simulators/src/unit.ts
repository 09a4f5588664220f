import type { Machine, MachineOrder } from './machine.ts';

/** Where an instance stands, whatever its vendor calls it. */
export type Phase = 'provisioning' | 'running' | 'stopped' | 'deleting' | 'gone' | 'failed';

/** One instance of one vendor. */
export interface Unit<Detail> {
  readonly id: string;
  label: string;
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
  machine?: Machine;
}

export interface Launch<Detail> {
  readonly id: string;
  readonly label: string;
  readonly pricePerHour: number;
  readonly detail: Detail;
  readonly machine: Omit<MachineOrder, 'id' | 'folder' | 'refusesSeconds' | 'dropsAfterSeconds'>;
}

/** How a vendor's instances differ, and what it wants to know of them. */
export interface FleetOptions<Detail> {
  /** Gone as soon as deleting is asked for, instead of a quarter of the boot time later. */
  readonly deletesAtOnce?: true;
  /** An order that fails after it was accepted is gone, instead of being listed until somebody deletes it. */
  readonly forgetsFailures?: true;
  /** An order that does not boot fails after so long. Left out: it stays until somebody deletes it. */
  readonly givesUpAfterSeconds?: number;
  readonly onRunning?: (unit: Unit<Detail>) => void;
  /** It is gone, or has failed: what it took of the stock is free again. */
  readonly onGone?: (unit: Unit<Detail>) => void;
}
