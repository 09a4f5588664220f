import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
import type { components } from './generated/types.ts';

type Failure = components['schemas']['Failure'];

/** Creates a response with `success: false`. The vendor sends it with status 200 and with error statuses. Default: 200. */
export function failure(error: string, status = 200, headers: Readonly<Record<string, string>> = {}): UncheckedAnswer {
  const body: Failure = { success: false, error };
  return unchecked({ status, body, headers });
}

/** Creates a failure with status 200, as seen by dstack's TensorDock client. */
export const outOfCapacity = () => failure('No available nodes found');

/** Creates a 429 response. `retryAfterSeconds` is 1 by default. The vendor asks for about one request a second. */
export const rateLimited = ({ retryAfterSeconds = 1 }: { readonly retryAfterSeconds?: number | undefined } = {}) =>
  failure('Too many requests', 429, { 'Retry-After': `${retryAfterSeconds}` });

/** Creates a 401 response: the pair of key and token is not valid. */
export const unauthorized = () => failure('Invalid API key or token', 401);

/** Creates a failure with status 200: the prepaid balance is too low. No source has the vendor's message. */
export const insufficientFunds = () => failure('Insufficient balance');

/** Creates a 404 response. To a delete it means that the resource is gone. */
export const notFound = () => failure('Server not found', 404);

/** Creates a 500 response. */
export const serverError = () => failure('Internal server error', 500);
