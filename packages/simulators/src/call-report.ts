import type { Vendor } from './vendor.ts';

/** A request that got a response. */
export interface CallReport {
  /** The vendor whose API was called. */
  readonly vendor: Vendor;
  /** operationId in the vendor's patched document. */
  readonly operation: string;
  /** HTTP status of the response. */
  readonly status: number;
}
