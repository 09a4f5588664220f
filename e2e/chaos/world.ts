import type { SimulatorControl } from './simulator-control.ts';
import type { Stack } from './stack.ts';

/** State that the parts of the harness share while runs are active. */
export interface World {
  readonly stack: Stack;
  readonly control: SimulatorControl;
  /** True once no more faults are injected. */
  readonly calm: boolean;
  readonly note: (line: string) => void;
}

/** A run that takes longer than this counts as never ended. Generous, for slow computers. */
export const patienceMs = 8 * 60_000;
