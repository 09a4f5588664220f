import { createRawClient, type RawClient } from '@gpu-clouds/core/raw';
import type { paths } from './generated/types.ts';
import type { VendorNameClient } from './vendor-name-client.ts';

/**
 * Creates an openapi-fetch client with the credentials, timeouts, rate limits, and retries of a client:
 * `rawClient(client).GET('/path')` resolves to `{ data, error, response }`.
 * Requests reject with an `ApiError` only when there is no response that could be returned.
 */
export function rawClient(client: VendorNameClient): RawClient<paths> {
  return createRawClient<paths>(client);
}
