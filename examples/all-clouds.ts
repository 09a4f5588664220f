// Lists the offers of one H100 from all clouds with credentials in the environment, cheapest first.
import { createClouds, rankOffers } from '@gpu-clouds/clouds';

const { clouds, missing } = createClouds();
for (const { vendor, variables } of missing) console.log(`without ${vendor}: ${variables.join(' and ')} is not set`);

const offers = (await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()))).flat();
for (const { vendor, gpu, region, pricePerHour } of rankOffers(offers, { gpu: 'H100', gpuCount: 1, spot: 'never' })) {
  console.log(`$${pricePerHour.toFixed(2)} an hour: ${gpu} at ${vendor} in ${region}`);
}
