import type { VendorRules } from '../../scripts/generate/vendor-rules.ts';

/** What the document does not say. */
export const rules: VendorRules = {
  vendor: 'vendor-name',
  published: 'published.document',
  client: 'VendorName',
  credentials: ['VENDOR_NAME_API_KEY'],
  repeatable: {},
  pages: [],
};
