import { redact } from './redact.ts';

/** Why a wait ended without what was waited for. */
export type WaitErrorCode =
  /** The caller's signal ended it. */
  | 'aborted'
  /** It took longer than its `deadline`. */
  | 'deadline'
  /** It came to a state from which what was waited for does not follow any more. */
  | 'failed';

/** What a `WaitError` is made of. */
export interface WaitErrorDetails {
  /** How the wait ended. */
  readonly code: WaitErrorCode;
  /** What was waited for: `verda instance b6a57e8c`. */
  readonly what: string;
  /** The vendor's last word for its state; undefined before the first answer. */
  readonly state?: string | undefined;
  /** How often the vendor was asked. */
  readonly polls: number;
  /** Milliseconds from the first question. */
  readonly elapsed: number;
  /** The last answer, redacted. */
  readonly answer?: unknown;
}

const brand = Symbol.for('@gpu-clouds/core/WaitError');

/** A wait that ended without what was waited for. Holds no secret: passwords and tokens in the answer are masked. */
export class WaitError extends Error implements WaitErrorDetails {
  override readonly name = 'WaitError';
  /** How the wait ended. */
  readonly code: WaitErrorCode;
  readonly what: string;
  readonly state: string | undefined;
  readonly polls: number;
  readonly elapsed: number;
  readonly answer: unknown;

  constructor(message: string, details: WaitErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = details.code;
    this.what = details.what;
    this.state = details.state;
    this.polls = details.polls;
    this.elapsed = details.elapsed;
    this.answer = redact(details.answer);
    Object.defineProperty(this, brand, { value: true });
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is WaitError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}
