import type { PageRule } from '@gpu-clouds/core';
import type { VendorRules } from './vendor-rules.ts';

const cursorPages: PageRule = { style: 'cursor', cursor: 'cursor', next: 'next_cursor', items: 'data' };
const numberedPages: PageRule = { style: 'page', page: 'page', size: 'pageSize', total: 'X-Total-Count' };

const readsOnly = (reason: string) => ({ repeatable: true, reason });

/** The four vendors, in the order in which they are generated. */
export const vendors: readonly VendorRules[] = [
  {
    vendor: 'gpu-ai',
    published: 'published.json',
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
        reason: "Idempotent, says the vendor's own tool list (massed-compute-mcp v1.0.3, instances_terminate).",
      },
      validateToken: readsOnly('Only checks the token.'),
      getCoupon: readsOnly('A lookup.'),
      listCouponProducts: readsOnly('A lookup.'),
    },
    pages: [],
  },
  {
    vendor: 'tensordock',
    published: 'published.restored.yaml',
    client: 'TensorDock',
    bodyCredentials: ['api_key', 'api_token'],
    // Spot validation asks whether a bid would do, and "no" is said in the words of a failure.
    thrownFailure: { schema: 'Failure', answerOf: ['validateSpotNew', 'validateSpotExisting'] },
    repeatable: {
      testAuthorization: readsOnly('A POST only because the credentials are in its body.'),
      listAuthorizations: readsOnly('A POST only because the credentials are in its body.'),
      listVirtualMachines: readsOnly('A POST only because the credentials are in its body.'),
      getVirtualMachine: readsOnly('A POST only because the credentials are in its body.'),
      validateSpotNew: readsOnly('Asks whether a price would do; deploys nothing.'),
      validateSpotExisting: readsOnly('Asks whether a price would do; changes nothing.'),
      retrieveBalance: readsOnly('A POST only because the credentials are in its body.'),
      retrieveRevenue: readsOnly('A POST only because the credentials are in its body.'),
      retrieveMonthlySummary: readsOnly('A POST only because the credentials are in its body.'),
      deleteVirtualMachine: {
        repeatable: true,
        reason: 'A machine is deleted by its uuid, which is never given again; the second time is a 404.',
      },
      terminateContainer: {
        repeatable: true,
        reason: 'A container is terminated by its id, which is never given again.',
      },
    },
    pages: [],
  },
  {
    vendor: 'verda',
    published: 'published.json',
    client: 'Verda',
    repeatable: {
      getAccessToken: readsOnly('A token more does no harm; nothing else is made.'),
      performVolumeAction: {
        repeatable: false,
        reason: 'The action `clone` makes another volume each time, which is billed.',
      },
    },
    pages: [{ rule: numberedPages, operations: ['listScripts'] }],
  },
];
