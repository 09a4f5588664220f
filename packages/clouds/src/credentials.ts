import type { Vendor } from './cloud.ts';

/** Environment variables that a vendor's client needs, all of them. */
export const credentialVariables: Readonly<Record<Vendor, readonly string[]>> = {
  'gpu-ai': ['GPU_AI_API_KEY'],
  'massed-compute': ['MASSED_COMPUTE_TOKEN'],
  tensordock: ['TENSORDOCK_API_KEY', 'TENSORDOCK_API_TOKEN'],
  verda: ['VERDA_CLIENT_ID', 'VERDA_CLIENT_SECRET'],
};
