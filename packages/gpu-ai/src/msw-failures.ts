import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
import type { components } from './generated/types.ts';

type Problem = components['schemas']['Problem'];

/** A problem document, in the form of the published document's example. */
function problem(
  status: number,
  title: string,
  code: Problem['code'],
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): UncheckedAnswer {
  const body: Problem = {
    ...{ type: `https://api.gpu.ai/errors/${code}`, title, status, detail, code },
    request_id: '4e1f0c6b9d2a4f7e8c3b5a6d7e8f9a0b',
  };
  return unchecked({ status, contentType: 'application/problem+json', body, headers });
}

/** 409 `no-availability` (an early public backend of the vendor; the document has no code for it). */
export const outOfCapacity = () =>
  problem(409, 'Conflict', 'no-availability', 'No availability for this configuration');

/** 409 `price-exceeded`: the price went above the limit of the order (an early public backend of the vendor). */
export const priceExceeded = () => problem(409, 'Conflict', 'price-exceeded', 'The price is above the limit');

/** 429. `retryAfter` in seconds, 1 by default. */
export const rateLimited = ({ retryAfter = 1 }: { readonly retryAfter?: number } = {}) =>
  problem(429, 'Too Many Requests', 'rate_limited', 'Rate limit exceeded', { 'Retry-After': `${retryAfter}` });

/** 401: the API key is not valid. */
export const unauthorized = () => problem(401, 'Unauthorized', 'invalid_api_key', 'The API key is not valid');

/** 402: the balance is too low. */
export const insufficientFunds = () =>
  problem(402, 'Payment Required', 'insufficient_balance', 'The balance is too low for this instance');

/** 403 `quota_exceeded`: the account may have no more of it. The document has the code, but no source its status. */
export const quotaExceeded = () => problem(403, 'Forbidden', 'quota_exceeded', 'The quota is used up');

/** 404; to a delete it means that it is done. */
export const notFound = (detail = 'Not found') => problem(404, 'Not Found', 'not_found', detail);

/** 422: something in the request is wrong. */
export const invalidRequest = (detail = 'gpu_count must be between 1 and 8') =>
  problem(422, 'Unprocessable Entity', 'validation_failed', detail);

/** 409: a request with the same `Idempotency-Key` is still under way. */
export const idempotencyConflict = () =>
  problem(409, 'Conflict', 'idempotency_conflict', 'A request with this Idempotency-Key is in flight');

/** 422: the `Idempotency-Key` was used before, with another body. */
export const idempotencyMismatch = () =>
  problem(422, 'Unprocessable Entity', 'idempotency_mismatch', 'Idempotency-Key was used with another request');

/** 500. */
export const serverError = () => problem(500, 'Internal Server Error', 'internal_error', 'Internal error');
