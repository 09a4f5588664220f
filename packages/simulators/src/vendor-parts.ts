import type { Hono } from 'hono';
import type { CatalogOverrides } from './catalog.ts';
import type { InstanceFault } from './faults.ts';
import type { World } from './world.ts';

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
  /**
   * Whether each instance has its own address and the vendor promises port 22. The port that stands in for it is in the
   * variable `<VENDOR>_SSH_PORT`.
   */
  readonly ownAddresses?: true;
  /** Reserves ports. Called once the network is open. */
  open?(): Promise<void>;
}

/** Creates the simulator of one vendor. Each vendor's folder has one, in `app.ts`. */
export type CreateVendor = (world: World, overrides: CatalogOverrides) => VendorParts;
