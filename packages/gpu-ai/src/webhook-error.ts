/** Why a delivery was rejected. */
export type WebhookErrorCode =
  /** The header `Gpuai-Signature` is missing: not from GPU.ai, or a proxy removed it. */
  | 'missing-signature'
  /** `Gpuai-Signature` is not of the form `t=<seconds>,v1=<hex>`. */
  | 'malformed-signature'
  /** No signature matches: the secret is wrong, or the body was changed or parsed. */
  | 'wrong-signature'
  /** The time of the signature is outside the tolerance: a replay, or a wrong clock. */
  | 'outside-tolerance'
  /** The signature matches, but the body is not a JSON object, or `Gpuai-Event-Id` is missing. */
  | 'unreadable';

const brand = Symbol.for('@gpu-clouds/gpu-ai/WebhookError');

/** A delivery that must not be acted on. Respond with status 400. The message holds neither the secret nor the body. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  /** Why the delivery was rejected. */
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Returns true for a `WebhookError` of any copy of this package, for which `instanceof` fails. */
  static isInstance(error: unknown): error is WebhookError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}
