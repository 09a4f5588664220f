import type { OfferConstraints } from '@gpu-clouds/clouds/pure';
import type { Job } from './job-schema.ts';

/** Returns a job's constraints on offers, including `vendors`. Pass them to `rankOffers` to get the order in which the job tries offers. */
export function offerConstraints({ resources, limits }: Job): OfferConstraints {
  const { gpu, count = 1, nodes, vendors, regions, minGpuMemory, minMemory, spot, storage } = resources;
  return {
    gpuCount: count,
    minAvailable: nodes,
    spot,
    gpu,
    vendors,
    regions,
    minGpuMemory,
    minMemory,
    minStorage: storage,
    maxPricePerHour: limits.maxPricePerHour,
  };
}
