import type { CallReport } from './call-report.ts';
import type { Clock } from './clock.ts';
import type { FaultPlan } from './faults.ts';
import type { LedgerBook } from './ledger.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

/** State and services that the four simulators share. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultPlan;
  readonly ledger: LedgerBook;
  readonly network: Network;
  /** Seconds from the create call until an instance runs. */
  readonly bootSeconds: number;
  /** Folder with one subfolder per instance. */
  readonly folder: string;
  /** Called with the mismatch when a response does not match the vendor's document. */
  readonly onInvalidAnswer: (problem: string) => void;
  /** Called with each request that got a response. */
  readonly onCall: (call: CallReport) => void;
  /** Resolves after `seconds` of the clock. */
  wait(seconds: number): Promise<void>;
}
