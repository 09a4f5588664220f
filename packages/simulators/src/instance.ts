import type { InstanceRuntime, InstanceRuntimeOptions } from './instance-runtime.ts';
import type { LedgerHardware } from './ledger.ts';

/** The state of an instance, independent of the vendor's own words. */
export type Phase = 'provisioning' | 'running' | 'stopped' | 'deleting' | 'gone' | 'failed';

/** One instance of one vendor. */
export interface Instance<Detail> {
  readonly id: string;
  name: string;
  readonly createdAt: number;
  readonly detail: Detail;
  readonly hardware: LedgerHardware;
  phase: Phase;
  pricePerHour: number;
  /** Factor by which the vendor has changed the price since the order. Default: 1. */
  priceFactor?: number;
  readyAt?: number;
  goneAt?: number;
  /** True when the vendor preempted it. */
  preempted: boolean;
  /** Lists omit the instance until this time, in milliseconds since 1970. */
  listedAt: number;
  /** True once its stock is free again. */
  released: boolean;
  runtime?: InstanceRuntime;
}

/** An accepted order for an instance. */
export interface Launch<Detail> {
  readonly id: string;
  readonly name: string;
  readonly pricePerHour: number;
  readonly detail: Detail;
  /** Besides the GPUs of `runtime`. */
  readonly hardware: Omit<LedgerHardware, 'gpuCount' | 'gpuMemory'>;
  readonly runtime: Omit<
    InstanceRuntimeOptions,
    'id' | 'folder' | 'refusesSeconds' | 'dropsAfterSeconds' | 'noisy' | 'diskFull' | 'gpuFloods' | 'noContainers'
  >;
}

/** How a vendor's instances differ, and its lifecycle callbacks. */
export interface InstanceStoreOptions<Detail> {
  /** A deleted instance is gone at once instead of a quarter of the boot time later. */
  readonly deletesAtOnce?: true;
  /** An accepted order that fails is gone at once instead of listed until it is deleted. */
  readonly forgetsFailures?: true;
  /** Seconds after which an order that does not boot fails. Default: it stays until it is deleted. */
  readonly failsAfterSeconds?: number;
  readonly onRunning?: (instance: Instance<Detail>) => void;
  /** Called once when the instance is gone or has failed, to free its stock. */
  readonly onGone?: (instance: Instance<Detail>) => void;
}
