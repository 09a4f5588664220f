import { createRawClient, type RawClient } from '@gpu-clouds/core/raw';
import type { paths } from './generated/types.ts';
import type { MassedComputeClient } from './massed-compute-client.ts';

/**
 * Creates an openapi-fetch client with the credentials, timeouts, rate limits, and retries of a client:
 * `rawClient(massed).GET('/path')` resolves to `{ data, error, response }`.
 * Requests reject with an `ApiError` only when there is no response that could be returned.
 */
export function rawClient(massed: MassedComputeClient): RawClient<paths> {
  return createRawClient<paths>(massed);
}
