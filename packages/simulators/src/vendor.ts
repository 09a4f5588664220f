import { type Vendor, vendors } from './generated/vendors.ts';

export { type Vendor, vendors } from './generated/vendors.ts';

export function isVendor(name: unknown): name is Vendor {
  return vendors.some((vendor) => vendor === name);
}
