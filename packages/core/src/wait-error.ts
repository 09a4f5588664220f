import { redact } from './redact.ts';

/** Why a wait ended without reaching its goal. */
export type WaitErrorCode =
  /** The caller's signal ended it. */
  | 'aborted'
  /** It took longer than `deadlineMs`. */
  | 'deadline'
  /** The state makes the goal impossible. */
  | 'failed';

/** The fields of a `WaitError`. */
export interface WaitErrorDetails {
  /** How the wait ended. */
  readonly code: WaitErrorCode;
  /** What was waited for, such as `verda instance b6a57e8c`. */
  readonly what: string;
  /** The vendor's latest state. Undefined before the first answer. */
  readonly state?: string | undefined;
  /** Number of polls. */
  readonly polls: number;
  /** Time since the first poll, in milliseconds. */
  readonly elapsedMs: number;
  /** The latest answer, redacted. */
  readonly answer?: unknown;
}

const brand = Symbol.for('@gpu-clouds/core/WaitError');

/** A wait that ended without reaching its goal. Passwords and tokens in the answer are masked. */
export class WaitError extends Error implements WaitErrorDetails {
  override readonly name = 'WaitError';
  /** How the wait ended. */
  readonly code: WaitErrorCode;
  readonly what: string;
  readonly state: string | undefined;
  readonly polls: number;
  readonly elapsedMs: number;
  readonly answer: unknown;

  constructor(message: string, details: WaitErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = details.code;
    this.what = details.what;
    this.state = details.state;
    this.polls = details.polls;
    this.elapsedMs = details.elapsedMs;
    this.answer = redact(details.answer);
    Object.defineProperty(this, brand, { value: true });
  }

  /** Returns true for a `WaitError` of any copy of this package, for which `instanceof` fails. */
  static isInstance(error: unknown): error is WaitError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}
