import { createVendorName } from '@gpu-clouds/vendor-name';
import type { Adapter } from '../adapter.ts';
import { vendorNameFailures } from './failures.ts';
import { vendorNameCloud } from './vendor-name-cloud.ts';

export const adapter: Adapter = {
  failures: vendorNameFailures,
  create: ({ variable, client }) =>
    vendorNameCloud(createVendorName({ ...client, apiKey: variable('VENDOR_NAME_API_KEY') })),
};
