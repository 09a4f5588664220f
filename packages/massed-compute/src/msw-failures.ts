import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';

/** No source shows the body of an error; `message` is the name that the vendor's other answers use for text. */
function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): UncheckedAnswer {
  return unchecked({ status, body: { message }, headers });
}

/** 409 with a text about capacity: what public clients look for, since the vendor documents neither. */
export const outOfCapacity = () => refusal(409, 'There is no capacity available for the selected product');

/** 429. `retryAfter` in seconds, 1 by default. */
export const rateLimited = ({ retryAfter = 1 }: { readonly retryAfter?: number } = {}) =>
  refusal(429, 'Too many requests', { 'Retry-After': `${retryAfter}` });

/** 401: the token is not valid. */
export const unauthorized = () => refusal(401, 'Invalid Token');

/** 402: automatic recharge is not set up (massed-compute-agent-plugin, skills/mc-launch-vms). */
export const insufficientFunds = () => refusal(402, 'Recharge amount and recharge threshold must be set');

/** 403: not for this account. */
export const forbidden = (message = 'Product is not available to your account') => refusal(403, message);

/** 404; to a termination it means that it is done. */
export const notFound = (message = 'Instance not found') => refusal(404, message);

/** 422: something in the request is wrong; trying again is useless (massed-compute-agent-plugin, skills/mc-launch-vms). */
export const invalidRequest = (message = 'Product does not support the VM Image') => refusal(422, message);

/** 500. */
export const serverError = () => refusal(500, 'Internal server error');
