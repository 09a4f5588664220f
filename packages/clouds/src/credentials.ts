import type { Vendor } from './cloud.ts';

/** Environment variables that a vendor's client needs, all of them. */
export const credentialVariables: Readonly<Record<Vendor, readonly string[]>> = {
  'gpu-ai': ['GPU_AI_API_KEY'],
  'massed-compute': ['MASSED_COMPUTE_TOKEN'],
  tensordock: ['TENSORDOCK_API_KEY', 'TENSORDOCK_API_TOKEN'],
  verda: ['VERDA_CLIENT_ID', 'VERDA_CLIENT_SECRET'],
};

/** Environment variables that say where a vendor's API is, if not where the vendor's document says. */
export const baseUrlVariable: Readonly<Record<Vendor, string>> = {
  'gpu-ai': 'GPU_AI_BASE_URL',
  'massed-compute': 'MASSED_COMPUTE_BASE_URL',
  tensordock: 'TENSORDOCK_BASE_URL',
  verda: 'VERDA_BASE_URL',
};
