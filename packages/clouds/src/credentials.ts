import type { Vendor } from './cloud.ts';

export { credentialVariables } from './generated/vendors.ts';

/** Returns the environment variable that overrides the base URL of the vendor's document. */
export const baseUrlVariable = (vendor: Vendor) => `${vendor.toUpperCase().replaceAll('-', '_')}_BASE_URL`;
