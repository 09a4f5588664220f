import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
import type { components } from './generated/types.ts';

type Failure = components['schemas']['PublicApiErrorResponseDto'];

/** Creates an error response. Codes and statuses are those of the published document's introduction. */
function errorResponse(status: number, code: Failure['code'], message: string, headers = {}): UncheckedAnswer {
  const body: Failure = { code, message };
  return unchecked({ status, body, headers });
}

/** Creates a 503 response with the message of a region without free instances of a type (brevdev/cloud, Verda provider test). */
export const outOfCapacity = (instanceType = '1V100.6V', location = 'FIN-01') =>
  errorResponse(
    503,
    'service_unavailable',
    `Not enough resources to deploy a 1 GPU instance type ${instanceType} in ${location}`,
  );

/** Creates a 429 response. `retryAfterSeconds` is 1 by default. */
export const rateLimited = ({ retryAfterSeconds = 1 }: { readonly retryAfterSeconds?: number | undefined } = {}) =>
  errorResponse(429, 'rate_limit_exceeded', 'Too many requests', { 'Retry-After': `${retryAfterSeconds}` });

/** Creates a 401 response: the access token is not valid. */
export const unauthorized = () => errorResponse(401, 'unauthorized_request', 'Access token is missing or invalid');

/** Creates a 402 response: the project's balance is too low. */
export const insufficientFunds = () => errorResponse(402, 'insufficient_funds', 'Insufficient funds');

/** Creates a 403 response: the credentials, or the state of the resource, do not allow the action. */
export const forbidden = (message = 'Forbidden action') => errorResponse(403, 'forbidden_action', message);

/** Creates a 403 response: an instance cannot be deleted while it is provisioned (dstack, core/backends/verda/compute.py). */
export const instanceProvisioning = () => forbidden("Can't discontinue a provisioning instance");

/** Creates a 404 response. */
export const notFound = (message = 'Not found') => errorResponse(404, 'not_found', message);

/** Creates a 409 response. */
export const conflict = (message = 'Conflict') => errorResponse(409, 'conflict', message);

/** Creates a 400 response: the request is invalid. */
export const invalidRequest = (message = 'Invalid request') => errorResponse(400, 'invalid_request', message);

/** Creates a 400 response: the project's quota is used up (source: public clients: `Volume limit exceeded`, `Storage limit exceeded`). */
export const quotaExceeded = (message = 'Volume limit exceeded') => invalidRequest(message);

/** Creates a 500 response. */
export const serverError = () => errorResponse(500, 'server_error', 'Internal server error');

/** Creates a 503 response that is not about capacity: the request may have been done. */
export const serviceUnavailable = () => errorResponse(503, 'service_unavailable', 'Service unavailable');
