import {
  accountRateLimiter,
  baseUrl,
  type ClientOptions,
  createClient,
  credential,
  type Quirks,
  schemeAuth,
} from '@gpu-clouds/core';
import type { GpuAiMethods } from './generated/methods.ts';
import { operations, securitySchemes, serverUrl } from './generated/operations.ts';
import { rateLimits } from './rate-limits.ts';

const vendor = 'gpu-ai';

/** Options of `createGpuAi`: the API key and the options of all clients. */
export interface GpuAiOptions extends ClientOptions {
  /** API key. Default: the variable `GPU_AI_API_KEY`. */
  readonly apiKey?: string | undefined;
}

/** GPU.ai's operations as methods. */
export type GpuAiClient = GpuAiMethods;

/**
 * Creates a client of the GPU.ai API. Every write carries its own `Idempotency-Key`, the same in all its retries.
 * @throws {ApiError} `missing-credential`, `invalid-option`
 */
export function createGpuAi(options: GpuAiOptions = {}): GpuAiClient {
  const { apiKey, ...common } = options;
  const key = credential({ vendor, option: 'apiKey', value: apiKey, variable: 'GPU_AI_API_KEY' });
  const url = baseUrl({ vendor, value: options.baseUrl, variable: 'GPU_AI_BASE_URL', fallback: serverUrl });
  const account = { vendor, baseUrl: url, credential: key, clock: options.clock };
  return createClient<GpuAiClient>({
    ...common,
    vendor,
    operations,
    quirks,
    baseUrl: url,
    rateLimiter: options.rateLimiter ?? accountRateLimiter(account, rateLimits),
    auth: schemeAuth(securitySchemes.bearerAuth, key),
  });
}

/** What these operations create cannot be found again without their answer, so an empty answer is an error. */
const quirks: Quirks = {
  readers: { createInstance: readRequired, createSshKey: readRequired, createWebhookEndpoint: readRequired },
};

function readRequired(text: string): unknown {
  if (text.trim() === '') throw new Error('an empty body');
  return JSON.parse(text);
}
