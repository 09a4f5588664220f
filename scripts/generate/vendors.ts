import type { PageRule } from '@gpu-clouds/core';
import type { VendorRules } from './vendor-rules.ts';

const cursorPages: PageRule = { style: 'cursor', cursor: 'cursor', next: 'next_cursor', items: 'data' };
const numberedPages: PageRule = { style: 'page', page: 'page', size: 'pageSize', total: 'X-Total-Count' };

const readsOnly = (reason: string) => ({ repeatable: true, reason });

/** The four vendors, in the order of generation. */
export const vendors: readonly VendorRules[] = [
  {
    vendor: 'gpu-ai',
    published: 'published.json',
    upstream: 'https://api.gpu.ai/v1/openapi.json',
    client: 'GpuAi',
    repeatable: {},
    pages: [
      {
        rule: cursorPages,
        operations: [
          'listGpuTypes',
          'listInstances',
          'listPricing',
          'listSshKeys',
          'listUsage',
          'listWebhookEndpoints',
        ],
      },
    ],
  },
  {
    vendor: 'massed-compute',
    published: 'published.yaml',
    client: 'MassedCompute',
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
  },
  {
    vendor: 'tensordock',
    published: 'published.restored.yaml',
    client: 'TensorDock',
    bodyCredentials: ['api_key', 'api_token'],
    // Spot validation checks a bid, and returns a rejected bid as a failure.
    thrownFailure: { schema: 'Failure', answerOf: ['validateSpotNew', 'validateSpotExisting'] },
    repeatable: {
      testAuthorization: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      listAuthorizations: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      listVirtualMachines: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      getVirtualMachine: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      validateSpotNew: readsOnly('It checks a price and deploys nothing.'),
      validateSpotExisting: readsOnly('It checks a price and changes nothing.'),
      retrieveBalance: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      retrieveRevenue: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      retrieveMonthlySummary: readsOnly('It only reads. It is a POST because the credentials are in the body.'),
      deleteVirtualMachine: {
        repeatable: true,
        reason: 'A VM is deleted by its UUID, which is never reused. A second delete returns a 404.',
      },
      terminateContainer: {
        repeatable: true,
        reason: 'A container is terminated by its ID, which is never reused.',
      },
    },
    pages: [],
  },
  {
    vendor: 'verda',
    published: 'published.json',
    upstream: 'https://api.verda.com/v1/openapi.json',
    client: 'Verda',
    repeatable: {
      getAccessToken: readsOnly('It creates only a token, and another token is harmless.'),
      performVolumeAction: {
        repeatable: false,
        reason: 'The action `clone` creates a billed volume each time.',
      },
    },
    pages: [{ rule: numberedPages, operations: ['listScripts'] }],
  },
];
