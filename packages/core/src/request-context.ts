import type { CallOptions } from './call-options.ts';
import type { Emit } from './hooks.ts';
import type { Operation } from './operation.ts';

// The types that the steps of a call share. This file imports types only, so that it is part of no import cycle.

type Values = Readonly<Record<string, unknown>>;

/** The first argument of a method. Each part is present only where the operation has it. */
export interface CallArguments {
  readonly path?: Values | undefined;
  readonly query?: Values | undefined;
  readonly header?: Values | undefined;
  readonly body?: unknown;
}

/** One HTTP request before credentials are added. Its body is text or bytes, so that it can be sent again. */
export interface OutgoingRequest {
  /** HTTP method in upper case. */
  readonly method: string;
  /** The URL with path and query parameters filled in. */
  readonly url: URL;
  /** Request headers. Authentication adds to them. */
  readonly headers: Headers;
  /** The body, the same in every attempt. Authentication may replace it. */
  body: Uint8Array<ArrayBuffer> | string | undefined;
}

/** An HTTP response whose body has been read. */
export interface Reply {
  readonly response: Response;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The options of a call, with the client's options and the defaults filled in. */
export interface ResolvedOptions extends CallOptions {
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly maxRetryAfterMs: number;
}

/** The state of a call under way. */
export interface Progress {
  /** How many attempts were sent. */
  attempts: number;
  /** True once a write was sent without a definite refusal. */
  mayHaveTakenEffect: boolean;
  /** The `Idempotency-Key` of every attempt, where the vendor supports such keys. */
  idempotencyKey: string | undefined;
  /** True when only the exhausted retry budget prevented another attempt. */
  retryBudgetSpent: boolean;
}

/** What is known about one call. Created when a method is called, and passed to every step. */
export interface RequestContext {
  readonly vendor: string;
  readonly operation: string;
  readonly row: Operation;
  readonly baseUrl: string;
  /** The caller's arguments. They may hold secrets. */
  readonly args: CallArguments;
  /** Credentials that must not be shown. The list may grow during the call. */
  readonly secrets: readonly string[];
  readonly options: ResolvedOptions;
  readonly progress: Progress;
  /** True when the operation changes nothing at the vendor. */
  readonly safe: boolean;
  /** True when the rate limiter sends the call before calls that are not urgent. */
  readonly urgent: boolean;
  /** Emits an event to the client's hooks. */
  readonly emit: Emit;
}
