import type { Cloud, Vendor } from '../src/cloud.ts';
import { createCloud } from '../src/create-clouds.ts';
import { hastyClock } from './hasty-clock.ts';
import { type Replies, recordedVendor } from './recorded-vendor.ts';

const env = {
  VERDA_CLIENT_ID: 'id',
  VERDA_CLIENT_SECRET: 'secret',
  VERDA_BASE_URL: 'https://verda.test',
  GPU_AI_API_KEY: 'key',
  GPU_AI_BASE_URL: 'https://gpu-ai.test',
  MASSED_COMPUTE_TOKEN: 'token',
  MASSED_COMPUTE_BASE_URL: 'https://massed.test',
  TENSORDOCK_API_KEY: 'key',
  TENSORDOCK_API_TOKEN: 'token',
  TENSORDOCK_BASE_URL: 'https://tensordock.test',
};
const token = { access_token: 'a', refresh_token: 'r', expires_in: 3_600, token_type: 'Bearer', scope: '' };

/** Any of the vendors, with given replies. */
export function answering(
  vendor: Vendor,
  replies: Replies,
): { readonly recorded: ReturnType<typeof recordedVendor>; readonly cloud: Cloud } {
  const recorded = recordedVendor({ 'POST /v1/oauth2/token': { json: token }, ...replies });
  // Clouds with the same clock would share the vendor's rate limit.
  return { recorded, cloud: createCloud(vendor, { env, fetch: recorded.fetch, clock: { ...hastyClock } }) };
}
