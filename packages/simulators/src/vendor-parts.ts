import type { Hono } from 'hono';
import type { InstanceFault } from './faults.ts';

/** The simulator of one vendor, as `createSimulators` uses it. */
export interface VendorParts {
  readonly app: Hono;
  readonly store: {
    /** Applies a fault to the existing instances that the rule names. Returns how many there are. */
    applyFault(rule: InstanceFault): Promise<number>;
    /** Ends every instance. */
    close(): Promise<void>;
  };
  /** Returns the environment variables with the credentials for the vendor's client. */
  credentials(): Record<string, string>;
  /** Reserves ports. Called once the network is open. */
  open?(): Promise<void>;
}
