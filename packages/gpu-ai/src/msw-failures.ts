import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
import type { components } from './generated/types.ts';

type Problem = components['schemas']['Problem'];

/** Creates a problem document, in the form of the published document's example. */
function problem(
  status: number,
  title: string,
  code: Problem['code'],
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): UncheckedAnswer {
  const body: Problem = {
    type: `https://api.gpu.ai/errors/${code}`,
    title,
    status,
    detail,
    code,
    request_id: '4e1f0c6b9d2a4f7e8c3b5a6d7e8f9a0b',
  };
  return unchecked({ status, contentType: 'application/problem+json', body, headers });
}

/** Creates a 409 response `no-availability` (source: an early public backend of the vendor; the document has no code for it). */
export const outOfCapacity = () =>
  problem(409, 'Conflict', 'no-availability', 'No availability for this configuration');

/** Creates a 409 response `price-exceeded`: the price is above the limit of the order (source: an early public backend of the vendor). */
export const priceExceeded = () => problem(409, 'Conflict', 'price-exceeded', 'The price is above the limit');

/** Creates a 429 response. `retryAfterSeconds` is 1 by default. */
export const rateLimited = ({ retryAfterSeconds = 1 }: { readonly retryAfterSeconds?: number | undefined } = {}) =>
  problem(429, 'Too Many Requests', 'rate_limited', 'Rate limit exceeded', { 'Retry-After': `${retryAfterSeconds}` });

/** Creates a 401 response: the API key is not valid. */
export const unauthorized = () => problem(401, 'Unauthorized', 'invalid_api_key', 'The API key is not valid');

/** Creates a 402 response: the balance is too low. */
export const insufficientFunds = () =>
  problem(402, 'Payment Required', 'insufficient_balance', 'The balance is too low for this instance');

/** Creates a 403 response `quota_exceeded`. The document has the code; no source has its status. */
export const quotaExceeded = () => problem(403, 'Forbidden', 'quota_exceeded', 'The quota is used up');

/** Creates a 404 response. To a delete it means that the resource is gone. */
export const notFound = (detail = 'Not found') => problem(404, 'Not Found', 'not_found', detail);

/** Creates a 422 response: the request is invalid. */
export const invalidRequest = (detail = 'gpu_count must be between 1 and 8') =>
  problem(422, 'Unprocessable Entity', 'validation_failed', detail);

/** Creates a 409 response: a request with the same `Idempotency-Key` is in flight. */
export const idempotencyConflict = () =>
  problem(409, 'Conflict', 'idempotency_conflict', 'A request with this Idempotency-Key is in flight');

/** Creates a 422 response: the `Idempotency-Key` was used with another body. */
export const idempotencyMismatch = () =>
  problem(422, 'Unprocessable Entity', 'idempotency_mismatch', 'Idempotency-Key was used with another request');

/** Creates a 500 response. */
export const serverError = () => problem(500, 'Internal Server Error', 'internal_error', 'Internal error');
