import type { OfferConstraints } from '@gpu-clouds/clouds/pure';
import type { Job } from './job-schema.ts';

/** What a job asks of an offer, `vendors` included: `rankOffers` with it gives the order in which the job tries them. */
export function offerConstraints({ resources, limits }: Job): OfferConstraints {
  const { gpu, count = 1, nodes, vendors, regions, minGpuMemory, minMemory, spot, storage } = resources;
  return {
    gpuCount: count,
    minAvailable: nodes,
    spot,
    ...(gpu === undefined ? {} : { gpu }),
    ...(vendors === undefined ? {} : { vendors }),
    ...(regions === undefined ? {} : { regions }),
    ...(minGpuMemory === undefined ? {} : { minGpuMemory }),
    ...(minMemory === undefined ? {} : { minMemory }),
    ...(storage === undefined ? {} : { minStorage: storage }),
    ...(limits.maxPricePerHour === undefined ? {} : { maxPricePerHour: limits.maxPricePerHour }),
  };
}
