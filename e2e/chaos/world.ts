import type { SimulatorDoor } from './simulator-door.ts';
import type { Stack } from './stack.ts';

/** What the parts of the harness share while runs are on. */
export interface World {
  readonly stack: Stack;
  readonly door: SimulatorDoor;
  /** True once nothing more is to be injected. */
  readonly calm: boolean;
  readonly note: (line: string) => void;
}

/** What has not ended so long after it began never will. Generous, for slow machines. */
export const patienceMs = 8 * 60_000;
