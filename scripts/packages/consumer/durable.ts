/** What a user of the clouds and of the workflows might write; checked and run where only the published packages are. */
import { type CloudError, createClouds, rankOffers } from '@gpu-clouds/clouds';
import { formatInstanceName } from '@gpu-clouds/clouds/pure';
import { type Job, offerConstraints, parseJob, type startJob } from '@gpu-clouds/jobs';
import type { createWorkers } from '@gpu-clouds/workflows';
import type { runJob } from '@gpu-clouds/workflows/workflows';

const job: Job = parseJob(
  'name: try\nresources: { gpu: [H100 SXM], count: 1 }\ncommand: nvidia-smi\nlimits: { maxCost: 1 }',
  'job.yaml',
);
const { clouds } = createClouds();
const offers = (await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()))).flat();
const ranked = rankOffers(offers, offerConstraints(job));

// @ts-expect-error: had the types got lost on the way, everything would be allowed.
const mistyped: number = ranked;

export type Used = [typeof startJob, typeof createWorkers, typeof runJob, CloudError];
console.log(JSON.stringify({ offers: offers.length, ranked: ranked.length, unused: typeof mistyped }));
console.log(formatInstanceName({ fleet: 'try', run: 'r1', ordinal: 1, deadline: Date.now() }));
