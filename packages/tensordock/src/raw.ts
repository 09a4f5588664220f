import { createRawClient, type RawClient } from '@gpu-clouds/core/raw';
import type { paths } from './generated/types.ts';
import type { TensorDockClient } from './tensordock-client.ts';

/**
 * Creates an openapi-fetch client with the credentials, timeouts, rate limits, and retries of a client:
 * `rawClient(tensorDock).GET('/path')` resolves to `{ data, error, response }`. A failure that the vendor sends with status 200 is `data`.
 * Requests reject with an `ApiError` only when there is no response that could be returned.
 */
export function rawClient(tensorDock: TensorDockClient): RawClient<paths> {
  return createRawClient<paths>(tensorDock);
}
