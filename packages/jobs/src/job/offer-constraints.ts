import { alternatives, type OfferConstraints, type Vendor } from '@gpu-clouds/clouds/pure';
import type { Job } from './job-schema.ts';

/** Returns a job's constraints on offers, including `vendors`. Pass them to `rankOffers` to get the order in which the job tries offers. */
export function offerConstraints(job: Job): OfferConstraints {
  const { gpu, count = 1, nodes, vendors, minGpuMemory, spot } = job.resources;
  const { maxPricePerHour } = job.limits;
  const constraints = { gpuCount: count, minAvailable: nodes, spot, gpu, vendors, minGpuMemory, maxPricePerHour };
  if (job.mode === 'job-deployment') return constraints;
  const { regions, notVendors, minMemory, minVcpus, storage, anyOf, prefer } = job.resources;
  return {
    ...constraints,
    regions,
    notVendors,
    minMemory,
    minVcpus,
    minStorage: storage,
    prefer,
    anyOf: anyOf?.map(({ count: gpuCount, ...one }) => ({
      ...one,
      gpuCount,
      maxPricePerHour: lower(one.maxPricePerHour, maxPricePerHour),
    })),
  };
}

/** Returns the vendors, of those that there are, that the job can use. */
export function vendorsOf(job: Job, available: readonly Vendor[]): readonly Vendor[] {
  const wanted = alternatives(offerConstraints(job));
  const named = wanted.flatMap(({ vendors = available, notVendors = [] }) =>
    vendors.filter((vendor) => !notVendors.includes(vendor)),
  );
  return [...new Set(named)];
}

function lower(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
