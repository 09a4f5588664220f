import type { JobFailure } from '@gpu-clouds/jobs/contract';
import { offerOf } from '@gpu-clouds/jobs/test';
import { expect, it } from 'vitest';
import { noOfferAtAll, noOfferLeft } from './no-offer.ts';

const at = '2026-11-28T03:00:00Z';
const silent: JobFailure = { vendor: 'verda', kind: 'unavailable', message: 'HTTP 503.', at };
const soldOut: JobFailure = { ...silent, kind: 'no-capacity', message: 'Sold out.', offer: offerOf('verda', 'a') };

it('the message about no offer says all that the job needs', () => {
  const constraints = {
    gpu: ['H100:8', 'A100'],
    regions: ['FIN', 'us'],
    minGpuMemory: 80,
    minVcpus: 16,
    minMemory: 64,
    minStorage: 500,
    minAvailable: 2,
    anyOf: [{ spot: 'only', maxPricePerHour: 3 }, { gpu: 'B200' }],
  } as const;
  const common = '2 instances, in FIN or us';
  const sizes = 'at least 80 GiB per GPU, at least 16 vCPUs, at least 64 GiB of memory, a disk of 500 GiB';
  expect(noOfferAtAll(constraints, { vendors: ['verda'], answered: ['verda'] }, []).message).toBe(
    `No cloud has an offer that meets the job's resources and limits: 8 × H100 or 1 × A100, ${common}, spot, ${sizes}, up to $3 per hour, or 1 × B200, ${common}, ${sizes}. Asked: verda.`,
  );
});

it('the message about no offer tells a cloud that did not answer from an offer that failed, and names a cloud once', () => {
  const asked = { vendors: ['verda', 'gpu-ai'], answered: ['gpu-ai'] } as const;
  const earlier: JobFailure = { ...silent, vendor: 'gpu-ai', message: 'HTTP 500.' };
  expect(noOfferAtAll({}, asked, [earlier, silent, soldOut, silent]).message).toMatch(
    / Asked: verda, gpu-ai\. Clouds that did not answer: verda: HTTP 503\. Failed before: verda RTX A6000: Sold out\.$/,
  );
});

it('the message about offers that all failed names the latest five', () => {
  const failures = Array.from({ length: 7 }, (_, index) => ({ ...soldOut, message: `${index}.` }));
  expect(noOfferLeft(failures).message).toBe(
    `None of the offers worked out. ${[2, 3, 4, 5, 6].map((index) => `verda RTX A6000: ${index}.`).join('; ')}`,
  );
});
