import type { VendorNameClient } from '@gpu-clouds/vendor-name';
import type { Cloud } from '../cloud.ts';
import { CloudError } from '../cloud-error.ts';

/** VendorName as a {@link Cloud}. Replace each `notWritten` by calls of the client until the contract test passes. */
export function vendorNameCloud(_client: VendorNameClient): Cloud {
  return {
    vendor: 'vendor-name',
    listOffers: notWritten('listOffers'),
    createInstance: notWritten('createInstance'),
    getInstance: notWritten('getInstance'),
    listInstances: notWritten('listInstances'),
    deleteInstance: notWritten('deleteInstance'),
  };
}

const notWritten = (operation: string) => () =>
  Promise.reject(
    new CloudError(`The adapter of vendor-name does not have ${operation} yet.`, {
      kind: 'invalid',
      vendor: 'vendor-name',
      operation,
      mayHaveTakenEffect: false,
    }),
  );
