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
  readonly thrownFailure?: ThrownFailure;
  /** Operations that are safe to repeat although their HTTP method is not, or the other way round. */
  readonly repeatable: Readonly<Record<string, RepeatableException>>;
  readonly pages: readonly PagedOperations[];
}

/** A failure that comes with a 2xx status. Methods throw it, so it is none of the answers they resolve to. */
export interface ThrownFailure {
  /** Name of its schema, which the operations have as one branch of their answer. */
  readonly schema: string;
  /** Operations that answer a question with it: there it is no failure, and methods resolve to it. */
  readonly answerOf: readonly string[];
}

export interface RepeatableException {
  readonly repeatable: boolean;
  readonly reason: string;
}

export interface PagedOperations {
  readonly rule: PageRule;
  readonly operations: readonly string[];
}
