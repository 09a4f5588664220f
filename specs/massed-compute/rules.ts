import { readsOnly, type VendorRules } from '../../scripts/generate/vendor-rules.ts';

/** What the document does not say. */
export const rules: VendorRules = {
  vendor: 'massed-compute',
  published: 'published.yaml',
  client: 'MassedCompute',
  credentials: ['MASSED_COMPUTE_TOKEN'],
  // No limit is documented.
  activitiesPerSecond: 5,
  repeatable: {
    terminateInstances: {
      repeatable: true,
      reason: "The vendor's tool list declares it idempotent (massed-compute-mcp v1.0.3, instances_terminate).",
    },
    validateToken: readsOnly('It only checks the token.'),
    getCoupon: readsOnly('It only reads.'),
    listCouponProducts: readsOnly('It only reads.'),
  },
  pages: [],
};
