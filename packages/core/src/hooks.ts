import type { ApiError, ApiErrorCode } from './api-error.ts';
import type { Subject } from './failure.ts';

/** The call that an event belongs to: the same object in each of its events. Nothing in it is secret. */
export interface BegunCall {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** The operationId; `request` for a raw request to a path that the vendor's document does not have. */
  readonly operation: string;
  /** HTTP method, in capitals. */
  readonly method: string;
  /** Path template. */
  readonly path: string;
  /** Where the API is, without a trailing slash. */
  readonly baseUrl: string;
}

/** A call from its first attempt on. */
export interface HookedCall extends BegunCall {
  /** What was asked, redacted. Credentials are added later and never in it. */
  asked(): AskedFor;
}

/** The arguments of a call without what is secret in them. */
export interface AskedFor {
  /** Path parameters, as the caller gave them, redacted. */
  readonly path: unknown;
  /** Query parameters, redacted. */
  readonly query: unknown;
  /** The body before it is written as text, redacted. */
  readonly body: unknown;
}

/** Comes while the method is being called, so that what is active then, a span for one, can be seen. */
export interface CallEvent {
  /** The call that it is about. */
  readonly call: BegunCall;
}

interface OfCall {
  readonly call: HookedCall;
}

interface OfAttempt extends OfCall {
  /** From 1. */
  readonly attempt: number;
}

/** An attempt is about to be sent. */
export type RequestEvent = OfAttempt;

/** An attempt was answered, with whatever status. */
export interface ResponseEvent extends OfAttempt {
  /** HTTP status. */
  readonly status: number;
  /** A header of the answer, by its name; null when it has none. */
  header(name: string): string | null;
  /** Milliseconds from the request to the head of the answer. */
  readonly milliseconds: number;
}

/** An attempt got no answer. */
export interface NoResponseEvent extends OfAttempt {
  /** What ended the attempt. */
  readonly code: ApiErrorCode;
  /** Milliseconds since the request. */
  readonly milliseconds: number;
}

/** Another attempt will be made. */
export interface RetryEvent extends OfAttempt {
  /** Milliseconds until the next attempt. */
  readonly delay: number;
}

/** A call came to its end. */
export interface DoneEvent extends OfCall {
  /** How often the request was sent. */
  readonly attempts: number;
  /** Milliseconds since the call, all attempts and waits included. */
  readonly milliseconds: number;
}

/** A call failed. */
export interface ErrorEvent extends DoneEvent {
  /** What the caller gets. */
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
 * What a client tells of its calls, for metrics, traces and logs: `onCall`; for each attempt `onRequest`, then `onResponse`
 * or `onNoResponse`, then `onRetry` if there will be another; at last `onDone` or `onError`. Called at once and not waited
 * for; what a hook throws is dropped, since a call that rents a machine must not fail for want of a log line.
 */
export type Hooks = { readonly [Name in keyof Events]?: (event: Events[Name]) => void };

/** Tells the hooks of one call. */
export type Tell = <Name extends keyof Events>(name: Name, event: () => Omit<Events[Name], 'call'>) => void;

export interface Teller {
  readonly tell: Tell;
  /** Resolves when more than `onCall` may be told. */
  ready(): Promise<void>;
}

const silence: Teller = { tell: () => {}, ready: async () => {} };

export function teller(hooks: Hooks | readonly Hooks[] = [], subject: Subject): Teller {
  const all = [hooks].flat();
  if (all.length === 0) return silence;
  const { vendor, operation, method, path, baseUrl } = subject;
  const nothing: AskedFor = { path: undefined, query: undefined, body: undefined };
  const call = { vendor, operation, method, path, baseUrl, asked: () => nothing };
  return {
    tell(name, event) {
      for (const { [name]: hook } of all) void told(hook as (event: unknown) => unknown, { call, ...event() });
    },
    async ready() {
      // What takes secrets out is loaded only where somebody may look; where it cannot be, there is nothing to see.
      const found = await import('./asked-for.ts').catch(() => undefined);
      if (found) call.asked = () => found.askedFor(subject);
    },
  };
}

async function told(hook: ((event: unknown) => unknown) | undefined, event: unknown): Promise<void> {
  try {
    await hook?.(event);
  } catch {
    // See Hooks.
  }
}
