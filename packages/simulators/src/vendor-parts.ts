import type { Hono } from 'hono';
import type { FaultRule } from './faults.ts';

/** What one vendor's simulator gives to the whole. */
export interface VendorParts {
  readonly app: Hono;
  /** Environment variables with which the vendor's client finds its credentials. */
  credentials(): Record<string, string>;
  /** The network is open now: whatever needs ports takes them. */
  open(): Promise<void>;
  /** Lets a rule strike instances that are there already, and tells how many there are. */
  applyFault(rule: FaultRule): Promise<number>;
  /** Ends every machine. */
  close(): Promise<void>;
}
