import { readsOnly, type VendorRules } from '../../scripts/generate/vendor-rules.ts';

/** What the document does not say. */
export const rules: VendorRules = {
  vendor: 'tensordock',
  published: 'published.restored.yaml',
  client: 'TensorDock',
  credentials: ['TENSORDOCK_API_KEY', 'TENSORDOCK_API_TOKEN'],
  // The vendor asks for at most one request per second.
  activitiesPerSecond: 2,
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
};
