import type { Clock } from './clock.ts';
import type { FaultPlan } from './faults.ts';
import type { LedgerBook } from './ledger.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

/** What the four simulators share. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultPlan;
  readonly ledger: LedgerBook;
  readonly network: Network;
  /** From the create call until a machine answers. */
  readonly bootSeconds: number;
  /** Folder that holds one folder a machine. */
  readonly folder: string;
  /** Called with what is wrong when an answer of ours does not match the vendor's document. */
  readonly onInvalidAnswer: (problem: string) => void;
  /** Resolves after so many seconds of the clock. */
  wait(seconds: number): Promise<void>;
}
