/** The part that reads what a person types: no hash, no ranking. The command loads it before it shows its help. */
export type { Vendor } from './cloud.ts';
export { vendors } from './generated/vendors.ts';
export { mostSimilar } from './most-similar.ts';
export { GpuNameError, parseGpu } from './parse-gpu.ts';
