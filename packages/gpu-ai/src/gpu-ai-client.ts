import {
  accountRateLimiter,
  baseUrl,
  bearerAuth,
  type Client,
  type ClientOptions,
  createClient,
  credential,
  type Quirks,
} from '@gpu-clouds/core';
import type { GpuAiMethods } from './generated/methods.ts';
import { operations } from './generated/operations.ts';
import type { paths } from './generated/types.ts';
import { rateLimits } from './rate-limits.ts';

const vendor = 'gpu-ai';

/** Options of `createGpuAi`: its credentials, and what all clients have. */
export interface GpuAiOptions extends ClientOptions {
  /** Default: `GPU_AI_API_KEY`. */
  readonly apiKey?: string | undefined;
}

/** GPU.ai's operations as methods, and openapi-fetch's client as `raw`. */
export type GpuAiClient = Client<paths, GpuAiMethods>;

/**
 * Makes a client of the GPU.ai API. Every write carries an `Idempotency-Key` of its own, the same over its retries.
 * @throws ApiError `missing-credential` or `invalid-option`
 */
export function createGpuAi(options: GpuAiOptions = {}): GpuAiClient {
  const { apiKey, ...common } = options;
  const key = credential({ vendor, option: 'apiKey', value: apiKey, variable: 'GPU_AI_API_KEY' });
  const account = {
    ...{ vendor, credential: key, clock: options.clock },
    baseUrl: baseUrl({
      ...{ vendor, value: options.baseUrl },
      ...{ variable: 'GPU_AI_BASE_URL', fallback: 'https://api.gpu.ai/v1' },
    }),
  };
  return createClient<paths, GpuAiMethods>({
    ...common,
    rateLimiter: options.rateLimiter ?? accountRateLimiter(account, rateLimits),
    ...{ vendor, operations, quirks, baseUrl: account.baseUrl },
    auth: bearerAuth(key),
  });
}

/** What these made cannot be found again without their answer. */
const quirks: Quirks = {
  readers: { createInstance: required, createSshKey: required, createWebhookEndpoint: required },
};

function required(text: string): unknown {
  if (text.trim() === '') throw new Error('nothing');
  return JSON.parse(text);
}
