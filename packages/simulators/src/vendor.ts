/** The simulated clouds, by the names of their packages. Ports of `--port-base` are given out in this order. */
export const vendors = ['gpu-ai', 'massed-compute', 'tensordock', 'verda'] as const;
/** A simulated cloud: `verda`, `gpu-ai`, `massed-compute` or `tensordock`. */
export type Vendor = (typeof vendors)[number];

export function isVendor(name: unknown): name is Vendor {
  return vendors.some((vendor) => vendor === name);
}
