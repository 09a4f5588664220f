import type { Orphan } from '@gpu-clouds/jobs';
import type { FileSource } from './file-source.ts';
import type { Leases } from './leases.ts';
import type { Schedules } from './schedules.ts';
import type { SimulatorControl } from './simulator-control.ts';
import type { Stack } from './stack.ts';

/** State that the parts of the harness share while runs are active. */
export interface World {
  readonly stack: Stack;
  readonly control: SimulatorControl;
  /** Where runs download files from, and send them to. */
  readonly files: FileSource;
  readonly leases: Leases;
  readonly schedules: Schedules;
  /** True once no more faults are injected. */
  readonly calm: boolean;
  readonly note: (line: string) => void;
  readonly patience: Patience;
  /** What reapers destroyed although its owner was alive. Faults add to it. */
  readonly reapedAlive: Orphan[];
}

/** How long to wait for something that should happen. In milliseconds. */
export interface Patience {
  /** A run that takes longer counts as never ended. */
  readonly runMs: number;
  /** Resources of which none disappears for this long, after all runs have ended, are leaks. */
  readonly settleMs: number;
}

/**
 * Generous, for slow computers. A schedule takes up to two minutes to start a run, Temporal is away for two and a half, and a teardown takes
 * about three more if the account's only instance is taken back, because that looks like the list of another account.
 */
export const defaultPatience: Patience = { runMs: 12 * 60_000, settleMs: 150_000 };
