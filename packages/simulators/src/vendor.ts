/** The simulated vendors, by package name, in the order of the ports from `portBase` on. */
export const vendors = ['gpu-ai', 'massed-compute', 'tensordock', 'verda'] as const;
/** A simulated vendor: `verda`, `gpu-ai`, `massed-compute`, or `tensordock`. */
export type Vendor = (typeof vendors)[number];

export function isVendor(name: unknown): name is Vendor {
  return vendors.some((vendor) => vendor === name);
}
