import { type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
import type { components } from './generated/types.ts';

type Failure = components['schemas']['Failure'];

/** `success: false` with the vendor's words, on a 200 unless another status is given: the vendor does both. */
export function failure(error: string, status = 200, headers: Readonly<Record<string, string>> = {}): UncheckedAnswer {
  const body: Failure = { success: false, error };
  return unchecked({ status, body, headers });
}

/** A failure on a 200, as dstack's TensorDock client found it. */
export const outOfCapacity = () => failure('No available nodes found');

/** 429. `retryAfter` in seconds, 1 by default. The vendor asks for about one request a second. */
export const rateLimited = ({ retryAfter = 1 }: { readonly retryAfter?: number } = {}) =>
  failure('Too many requests', 429, { 'Retry-After': `${retryAfter}` });

/** 401: the pair of key and token is not valid. */
export const unauthorized = () => failure('Invalid API key or token', 401);

/** A failure on a 200: the prepaid balance is too low. No source has the vendor's words. */
export const insufficientFunds = () => failure('Insufficient balance');

/** 404; to a delete it means that it is done. */
export const notFound = () => failure('Server not found', 404);

/** 500. */
export const serverError = () => failure('Internal server error', 500);
