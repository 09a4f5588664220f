import type { PageRule } from '@gpu-clouds/core';

/** What a vendor's document cannot express. Each run checks it against the patched document. */
export interface VendorRules {
  /** Name of the folders in `specs/` and `packages/`. */
  readonly vendor: string;
  /** File name of the published document. */
  readonly published: string;
  /** Address of the published document. A vendor without one needs a maintainer who fetches it. */
  readonly upstream?: string;
  /** Prefix of the generated interface: `Verda` for `VerdaMethods`. */
  readonly client: string;
  /** Environment variables with the credentials. All are required. */
  readonly credentials: readonly string[];
  /** Activities per second that all workers together start by default. One activity makes several calls in sequence. Default: 1. */
  readonly activitiesPerSecond?: number;
  /** Whether the vendor runs job deployments. Default: false. */
  readonly jobDeployments?: true;
  /** Credentials that are body fields. The document has them, but methods do not, because the client adds them. */
  readonly bodyCredentials?: readonly string[];
  readonly thrownFailure?: ThrownFailure;
  /** Operations that are safe to repeat although their HTTP method is not idempotent, or the reverse. */
  readonly repeatable: Readonly<Record<string, RepeatableException>>;
  readonly pages: readonly PagedOperations[];
}

/** A failure with a 2xx status. Methods throw it, so they never resolve to it. */
export interface ThrownFailure {
  /** Name of its schema, which is one branch of the operations' responses. */
  readonly schema: string;
  /** Operations for which it is a valid result. Their methods resolve to it. */
  readonly answerOf: readonly string[];
}

export interface RepeatableException {
  readonly repeatable: boolean;
  /** Whether the operation changes nothing at the vendor. Default: only a GET. */
  readonly readOnly?: true;
  readonly reason: string;
}

/** An operation that is safe to repeat because it only reads, although it is not a GET. */
export const readsOnly = (reason: string): RepeatableException => ({ repeatable: true, readOnly: true, reason });

export interface PagedOperations {
  readonly rule: PageRule;
  readonly operations: readonly string[];
}
