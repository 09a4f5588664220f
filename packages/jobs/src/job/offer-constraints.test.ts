import { type Offer, rankOffers } from '@gpu-clouds/clouds/pure';
import { expect, it } from 'vitest';
import { offerConstraints, vendorsOf } from './offer-constraints.ts';
import { parseJob } from './parse-job.ts';

const offers: readonly Offer[] = ['H100 SXM', 'A100 PCIe', 'RTX 4090'].flatMap((gpu) =>
  [1, 2, 8].map((gpuCount) => ({
    vendor: 'verda',
    id: `${gpuCount} ${gpu}`,
    gpu,
    gpuCount,
    gpuMemory: 80,
    region: 'FIN-01',
    pricePerHour: gpuCount,
    spot: false,
    native: {},
  })),
);

it.each([
  ['H100', ['1 H100 SXM']],
  ['H100:8', ['8 H100 SXM']],
  ['H100:8, count: 8', ['8 H100 SXM']],
  ['H100, count: 2', ['2 H100 SXM']],
  ['4090', ['1 RTX 4090']],
  ['4090:2', ['2 RTX 4090']],
  ['[4090, H100:8]', ['1 RTX 4090', '8 H100 SXM']],
  ['[H100:8, A100], count: 8', ['8 A100 PCIe', '8 H100 SXM']],
  ['[H100:8, A100:2]', ['2 A100 PCIe', '8 H100 SXM']],
])('a job with gpu: %s accepts only the offers %j', (gpu, ids) => {
  const job = parseJob(`name: train\ncommand: ./train.sh\nresources: { gpu: ${gpu} }`, 'job.yaml');
  expect(rankOffers(offers, offerConstraints(job)).map(({ id }) => id)).toEqual(ids);
});

it('a job without a gpu field accepts every offer with one GPU', () => {
  const job = parseJob('name: train\ncommand: ./train.sh', 'job.yaml');
  expect(rankOffers(offers, offerConstraints(job)).map(({ gpuCount }) => gpuCount)).toEqual([1, 1, 1]);
});

it.each([
  ['anyOf: [{ gpu: H100, count: 8 }, { gpu: A100 }]', ['8 H100 SXM', '1 A100 PCIe']],
  ['anyOf: [{ gpu: H100, count: 8 }, { gpu: A100 }], prefer: price', ['1 A100 PCIe', '8 H100 SXM']],
  ['count: 2, anyOf: [{ gpu: A100, maxPricePerHour: 1 }, { gpu: 4090 }]', ['2 RTX 4090']],
  ['notVendors: [verda]', []],
])('a job with resources: { %s } tries the offers %j', (resources, expected) => {
  const job = parseJob(`name: train\ncommand: ./train.sh\nresources: { ${resources} }`, 'job.yaml');
  expect(rankOffers(offers, offerConstraints(job)).map(({ id }) => id)).toEqual(expected);
});

it('the lower of the price limits of an alternative and of the job applies', () => {
  const limits =
    'resources: { anyOf: [{ gpu: A100, maxPricePerHour: 9 }, { gpu: H100 }] }\nlimits: { maxPricePerHour: 5 }';
  const job = parseJob(`name: train\ncommand: ./train.sh\n${limits}`, 'job.yaml');
  expect(offerConstraints(job).anyOf?.map(({ maxPricePerHour }) => maxPricePerHour)).toEqual([5, 5]);
});

it('a job asks only the vendors that an alternative accepts', () => {
  const anyOf = 'anyOf: [{ vendors: [verda] }, { notVendors: [verda, tensordock] }]';
  const job = parseJob(`name: train\ncommand: ./train.sh\nresources: { ${anyOf} }`, 'job.yaml');
  expect(vendorsOf(job, ['gpu-ai', 'tensordock', 'verda'])).toEqual(['verda', 'gpu-ai']);
});
