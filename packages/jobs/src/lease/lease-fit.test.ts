import type { Offer } from '@gpu-clouds/clouds/pure';
import { expect, it } from 'vitest';
import { parseJob } from '../job/parse-job.ts';
import { leaseFit } from './lease-fit.ts';

const offer: Offer = {
  vendor: 'verda',
  id: 'a',
  gpu: 'H100 SXM',
  gpuCount: 8,
  gpuMemory: 80,
  vcpus: 96,
  memory: 960,
  storage: 500,
  region: 'FIN-01',
  pricePerHour: 20,
  spot: true,
  available: 0,
  native: {},
};
const lease = { name: 'mine', offer };
const job = (fields: object) => parseJob(JSON.stringify({ name: 'x', command: 'true', ...fields }), 'job.yaml');

it.each([
  ['a job without a count gets all GPUs', {}, 8],
  ['count says how many', { count: 2 }, 2],
  ['so does the count of a GPU', { gpu: ['A100:8', 'H100:4'] }, 4],
  ['a GPU without a count is all of them', { gpu: 'H100' }, 8],
  ['the first alternative that fits counts', { anyOf: [{ gpu: 'A100' }, { gpu: 'H100', count: 2 }, { count: 1 }] }, 2],
  ['spot, price, and stock do not matter', { gpu: 'H100:1', spot: 'never', anyOf: [{ maxPricePerHour: 1 }] }, 1],
])('%s', (_, resources, gpus) => {
  expect(leaseFit(job({ resources, limits: { maxPricePerHour: 0.1 } }), lease)).toEqual({ gpus });
});

const mismatch = "The lease mine, 8x H100 SXM at verda in FIN-01, does not meet the job's resources.";
it.each([
  [{ resources: { gpu: 'A100' } }, [mismatch]],
  [{ resources: { count: 9 } }, [mismatch]],
  [{ resources: { minGpuMemory: 141 } }, [mismatch]],
  [{ resources: { storage: 501 } }, [mismatch]],
  [{ resources: { notVendors: ['verda'] } }, [mismatch]],
  [
    { resources: { nodes: 2, image: 'mine' }, retry: { onFailure: { attempts: 1, sameInstance: false } } },
    [
      'resources.nodes is 2, and a lease is one instance.',
      'retry.onFailure.sameInstance is false, and a lease has no other instance.',
      "resources.image is mine, and the lease has the vendor's default image.",
    ],
  ],
])('a job with %j is refused on a lease, with one sentence for each reason', (fields, refusals) => {
  expect(leaseFit(job(fields), lease)).toEqual({ refusals });
});

it('a job deployment is refused on a lease', () => {
  const container = { image: 'me/job:1', port: 80, path: '/job' };
  const deployment = parseJob(JSON.stringify({ name: 'x', mode: 'job-deployment', container }), 'job.yaml');
  expect(leaseFit(deployment, lease)).toEqual({ refusals: ['mode: job-deployment cannot run on a lease.'] });
});

it('a larger disk that the lease was ordered with counts, and its image', () => {
  const fields = { resources: { storage: 900, image: 'mine' } };
  expect(leaseFit(job(fields), { ...lease, storage: 1000, image: 'mine' })).toEqual({ gpus: 8 });
});

it('a job is refused on a lease with another image, or with an image if it is to be the default one', () => {
  const mine = { resources: { image: 'mine' } };
  expect(leaseFit(job(mine), { ...lease, image: 'other' })).toEqual({
    refusals: ['resources.image is mine, and the lease has other.'],
  });
  expect(leaseFit(job({}), { ...lease, image: 'other' })).toEqual({ gpus: 8 });
});

it('a job whose attempts may stay on one instance runs on a lease', () => {
  const retry = { onFailure: { attempts: 1, sameInstance: true } };
  expect(leaseFit(job({ retry }), lease)).toEqual({ gpus: 8 });
  expect(leaseFit(job({ retry: {} }), lease)).toEqual({ gpus: 8 });
});

it('a refused job lists the GPU mismatch after the other reasons', () => {
  expect(leaseFit(job({ resources: { gpu: 'A100', nodes: 2 } }), lease)).toEqual({
    refusals: ['resources.nodes is 2, and a lease is one instance.', mismatch],
  });
});

it('the size of a lease is what was ordered, even if the offer could have been larger', () => {
  const growth = { memory: { max: 2000, pricePerHour: 0.01 } };
  expect(leaseFit(job({ resources: { minMemory: 1000 } }), { ...lease, offer: { ...offer, growth } })).toEqual({
    refusals: [mismatch],
  });
});
