import type { VendorRules } from '../../scripts/generate/vendor-rules.ts';

/** What the document does not say. */
export const rules: VendorRules = {
  vendor: 'gpu-ai',
  published: 'published.json',
  upstream: 'https://api.gpu.ai/v1/openapi.json',
  client: 'GpuAi',
  credentials: ['GPU_AI_API_KEY'],
  // An early backend of the vendor allowed 10 requests per second.
  activitiesPerSecond: 5,
  repeatable: {},
  pages: [
    {
      rule: { style: 'cursor', cursor: 'cursor', next: 'next_cursor', items: 'data' },
      operations: ['listGpuTypes', 'listInstances', 'listPricing', 'listSshKeys', 'listUsage', 'listWebhookEndpoints'],
    },
  ],
};
