import { readsOnly, type VendorRules } from '../../scripts/generate/vendor-rules.ts';

/** What the document does not say. */
export const rules: VendorRules = {
  vendor: 'verda',
  published: 'published.json',
  upstream: 'https://api.verda.com/v1/openapi.json',
  client: 'Verda',
  credentials: ['VERDA_CLIENT_ID', 'VERDA_CLIENT_SECRET'],
  // The vendor allows 60 requests per minute and path.
  activitiesPerSecond: 5,
  jobDeployments: true,
  repeatable: {
    getAccessToken: readsOnly('It creates only a token, and another token is harmless.'),
    performVolumeAction: {
      repeatable: false,
      reason: 'The action `clone` creates a billed volume each time.',
    },
  },
  pages: [
    { rule: { style: 'page', page: 'page', size: 'pageSize', total: 'X-Total-Count' }, operations: ['listScripts'] },
  ],
};
