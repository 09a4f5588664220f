import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';

/** Creates an error response. No source shows the body of an error; other responses of the vendor have their text in `message`. */
function errorResponse(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): UncheckedAnswer {
  return unchecked({ status, body: { message }, headers });
}

/** Creates a 409 response about capacity, which public clients look for. The vendor documents neither status nor text. */
export const outOfCapacity = () => errorResponse(409, 'There is no capacity available for the selected product');

/** Creates a 429 response. `retryAfterSeconds` is 1 by default. */
export const rateLimited = ({ retryAfterSeconds = 1 }: { readonly retryAfterSeconds?: number | undefined } = {}) =>
  errorResponse(429, 'Too many requests', { 'Retry-After': `${retryAfterSeconds}` });

/** Creates a 401 response: the token is not valid. */
export const unauthorized = () => errorResponse(401, 'Invalid Token');

/** Creates a 402 response: automatic recharge is not set up (massed-compute-agent-plugin, skills/mc-launch-vms). */
export const insufficientFunds = () => errorResponse(402, 'Recharge amount and recharge threshold must be set');

/** Creates a 403 response: not available to this account. */
export const forbidden = (message = 'Product is not available to your account') => errorResponse(403, message);

/** Creates a 404 response. To a termination it means that the instance is gone. */
export const notFound = (message = 'Instance not found') => errorResponse(404, message);

/** Creates a 422 response: the request is invalid, and a retry is useless (massed-compute-agent-plugin, skills/mc-launch-vms). */
export const invalidRequest = (message = 'Product does not support the VM Image') => errorResponse(422, message);

/** Creates a 500 response. */
export const serverError = () => errorResponse(500, 'Internal server error');
