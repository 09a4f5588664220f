import type { PageRule } from '@gpu-clouds/core';

/** What a vendor's document cannot say of itself. Verified against the patched document at every run. */
export interface VendorRules {
  /** Name of the folders under `specs/` and `packages/`. */
  readonly vendor: string;
  /** File name of the published document. */
  readonly published: string;
  /** Prefix of the generated interface: `Verda` gives `VerdaMethods`. */
  readonly client: string;
  /** Credentials that travel as body fields: in the document, since the API wants them; no arguments, since the client adds them. */
  readonly bodyCredentials?: readonly string[];
  /** Operations that are safe to repeat although their HTTP method is not, or the other way round. */
  readonly repeatable: Readonly<Record<string, RepeatableException>>;
  readonly pages: readonly PagedOperations[];
}

export interface RepeatableException {
  readonly repeatable: boolean;
  readonly reason: string;
}

export interface PagedOperations {
  readonly rule: PageRule;
  readonly operations: readonly string[];
}
