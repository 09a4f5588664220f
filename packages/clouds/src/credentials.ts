import type { Vendor } from './cloud.ts';

/** Environment variables that each vendor's client requires. */
export const credentialVariables: Readonly<Record<Vendor, readonly string[]>> = {
  'gpu-ai': ['GPU_AI_API_KEY'],
  'massed-compute': ['MASSED_COMPUTE_TOKEN'],
  tensordock: ['TENSORDOCK_API_KEY', 'TENSORDOCK_API_TOKEN'],
  verda: ['VERDA_CLIENT_ID', 'VERDA_CLIENT_SECRET'],
};

/** Environment variables that override the base URLs of the vendors' documents. */
export const baseUrlVariable: Readonly<Record<Vendor, string>> = {
  'gpu-ai': 'GPU_AI_BASE_URL',
  'massed-compute': 'MASSED_COMPUTE_BASE_URL',
  tensordock: 'TENSORDOCK_BASE_URL',
  verda: 'VERDA_BASE_URL',
};
