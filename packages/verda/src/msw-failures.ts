import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
import type { components } from './generated/types.ts';

type Failure = components['schemas']['PublicApiErrorResponseDto'];

/** Codes and their statuses are those of the introduction of the published document. */
function refusal(status: number, code: Failure['code'], message: string, headers = {}): UncheckedAnswer {
  const body: Failure = { code, message };
  return unchecked({ status, body, headers });
}

/** 503 with the words of a region that has no such instance left (brevdev/cloud, Verda provider test). */
export const outOfCapacity = (instanceType = '1V100.6V', location = 'FIN-01') =>
  refusal(
    503,
    'service_unavailable',
    `Not enough resources to deploy a 1 GPU instance type ${instanceType} in ${location}`,
  );

/** 429. `retryAfter` in seconds, 1 by default. */
export const rateLimited = ({ retryAfter = 1 }: { readonly retryAfter?: number } = {}) =>
  refusal(429, 'rate_limit_exceeded', 'Too many requests', { 'Retry-After': `${retryAfter}` });

/** 401: the access token is not valid. */
export const unauthorized = () => refusal(401, 'unauthorized_request', 'Access token is missing or invalid');

/** 402: the project's balance is too low. */
export const insufficientFunds = () => refusal(402, 'insufficient_funds', 'Insufficient funds');

/** 403: the credentials, or the state that something is in, do not allow it. */
export const forbidden = (message = 'Forbidden action') => refusal(403, 'forbidden_action', message);

/** 403: an instance cannot be deleted before it is up (dstack, core/backends/verda/compute.py). */
export const instanceProvisioning = () => forbidden("Can't discontinue a provisioning instance");

/** 404. */
export const notFound = (message = 'Not found') => refusal(404, 'not_found', message);

/** 409. */
export const conflict = (message = 'Conflict') => refusal(409, 'conflict', message);

/** 400: something in the request is wrong. */
export const invalidRequest = (message = 'Invalid request') => refusal(400, 'invalid_request', message);

/** 400: the project may have no more of it (public clients: `Volume limit exceeded`, `Storage limit exceeded`). */
export const quotaExceeded = (message = 'Volume limit exceeded') => invalidRequest(message);

/** 500. */
export const serverError = () => refusal(500, 'server_error', 'Internal server error');

/** 503 that says nothing of capacity: what was asked for may have been done. */
export const serviceUnavailable = () => refusal(503, 'service_unavailable', 'Service unavailable');
