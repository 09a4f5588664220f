import type { OfferConstraints } from '@gpu-clouds/clouds/pure';
import type { Job } from './job-schema.ts';

/** Returns a job's constraints on offers, including `vendors`. Pass them to `rankOffers` to get the order in which the job tries offers. */
export function offerConstraints(job: Job): OfferConstraints {
  const { gpu, count = 1, nodes, vendors, minGpuMemory, spot } = job.resources;
  const { maxPricePerHour } = job.limits;
  const constraints = { gpuCount: count, minAvailable: nodes, spot, gpu, vendors, minGpuMemory, maxPricePerHour };
  if (job.mode === 'job-deployment') return constraints;
  const { regions, minMemory, storage } = job.resources;
  return { ...constraints, regions, minMemory, minStorage: storage };
}
