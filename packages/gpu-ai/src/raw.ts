import { createRawClient, type RawClient } from '@gpu-clouds/core/raw';
import type { paths } from './generated/types.ts';
import type { GpuAiClient } from './gpu-ai-client.ts';

/**
 * Creates an openapi-fetch client with the credentials, timeouts, rate limits, and retries of a client:
 * `rawClient(gpuAi).GET('/path')` resolves to `{ data, error, response }`.
 * Requests reject with an `ApiError` only when there is no response that could be returned.
 */
export function rawClient(gpuAi: GpuAiClient): RawClient<paths> {
  return createRawClient<paths>(gpuAi);
}
