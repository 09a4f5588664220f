import type { ApiError, ApiErrorCode } from './api-error.ts';

/** The call that an event belongs to. All events of a call carry the same object. It holds no secret. */
export interface HookedCall {
  /** The vendor's package name, such as `verda`. */
  readonly vendor: string;
  /** The operationId, or `request` for a raw request to a path that is not in the vendor's document. */
  readonly operation: string;
  /** HTTP method in upper case. */
  readonly method: string;
  /** Path template. */
  readonly path: string;
  /** Base URL of the API, without a trailing slash. */
  readonly baseUrl: string;
  /** Returns the caller's arguments, redacted. Credentials are never among them. */
  arguments(): RedactedArguments;
}

/** The arguments of a call, with secrets masked. */
export interface RedactedArguments {
  /** Path parameters. */
  readonly path: unknown;
  /** Query parameters. */
  readonly query: unknown;
  /** The body before it is serialized. */
  readonly body: unknown;
}

/** Emitted synchronously when a method is called, while the caller's context (an active span, for example) can be seen. */
export interface CallEvent {
  /** The call. */
  readonly call: HookedCall;
}

interface AttemptEvent extends CallEvent {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
}

/** Emitted before an attempt is sent. */
export type RequestEvent = AttemptEvent;

/** Emitted when an attempt is answered, whatever the status. */
export interface ResponseEvent extends AttemptEvent {
  /** HTTP status. */
  readonly status: number;
  /** Returns a response header by name, or null. */
  header(name: string): string | null;
  /** Time from the request to the response headers, in milliseconds. */
  readonly durationMs: number;
}

/** Emitted when an attempt gets no answer. */
export interface NoResponseEvent extends AttemptEvent {
  /** Why the attempt ended. */
  readonly code: ApiErrorCode;
  /** Time since the request, in milliseconds. */
  readonly durationMs: number;
}

/** Emitted when another attempt will be made. */
export interface RetryEvent extends AttemptEvent {
  /** Time until the next attempt, in milliseconds. */
  readonly delayMs: number;
}

/** Emitted when a call succeeds. */
export interface DoneEvent extends CallEvent {
  /** How many attempts were sent. */
  readonly attempts: number;
  /** Time since the call, with all attempts and waits, in milliseconds. */
  readonly durationMs: number;
}

/** Emitted when a call fails. */
export interface ErrorEvent extends DoneEvent {
  /** The error that the caller gets. */
  readonly error: ApiError;
}

interface Events {
  onCall: CallEvent;
  onRequest: RequestEvent;
  onResponse: ResponseEvent;
  onNoResponse: NoResponseEvent;
  onRetry: RetryEvent;
  onDone: DoneEvent;
  onError: ErrorEvent;
}

/**
 * Listeners for the events of a client's calls, for metrics, traces, and logs. The order is `onCall`; for each attempt
 * `onRequest`, then `onResponse` or `onNoResponse`, then `onRetry` if another attempt follows; finally `onDone` or
 * `onError`. Hooks run synchronously and are not awaited. Errors they throw are ignored.
 */
export type Hooks = { readonly [Name in keyof Events]?: (event: Events[Name]) => void };

/** Emits an event of one call. The event is created only if there are hooks. */
export type Emit = <Name extends keyof Events>(name: Name, event: () => Omit<Events[Name], 'call'>) => void;
