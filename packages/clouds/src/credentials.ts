import type { Vendor } from './cloud.ts';

export { activitiesPerSecond, credentialVariables } from './generated/vendors.ts';

/** Returns what the names of the vendor's environment variables begin with, such as `GPU_AI_`. */
export const variablePrefix = (vendor: Vendor) => `${vendor.toUpperCase().replaceAll('-', '_')}_`;

/** Returns the environment variable that overrides the base URL of the vendor's document. */
export const baseUrlVariable = (vendor: Vendor) => `${variablePrefix(vendor)}BASE_URL`;
