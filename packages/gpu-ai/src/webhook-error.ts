/** Why a delivery was not taken. */
export type WebhookErrorCode =
  /** No `Gpuai-Signature`: not from GPU.ai, or a proxy dropped the header. */
  | 'missing-signature'
  /** `Gpuai-Signature` is not `t=<seconds>,v1=<hex>`. */
  | 'malformed-signature'
  /** None of its signatures fits: another secret, or a body that was changed or parsed on its way. */
  | 'wrong-signature'
  /** Signed longer ago, or further ahead, than the tolerance: a replay, or a clock that is wrong. */
  | 'outside-tolerance'
  /** Signed, but no JSON object, or without `Gpuai-Event-Id`. */
  | 'unreadable';

const brand = Symbol.for('@gpu-clouds/gpu-ai/WebhookError');

/** A delivery that must not be acted on. Answer it with a 400. Its message holds neither secret nor body. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  /** Why a delivery was refused. */
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is WebhookError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}
