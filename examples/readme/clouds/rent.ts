const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Qm8mUQv6wW0bYQ5B1b0k6bB8c0w8Q2p7nq6y3kq9s laptop';

// #region shown
import { createClouds, destroyUntilGone, formatInstanceName, InstancePoller, rankOffers } from '@gpu-clouds/clouds';

const { clouds, missing } = createClouds(); // from VERDA_CLIENT_ID, GPU_AI_API_KEY …
for (const { vendor, variables } of missing) console.log(`without ${vendor}: ${variables.join(' and ')} is not set`);

const offers = (await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()))).flat();
const [offer] = rankOffers(offers, { gpu: 'H100', gpuCount: 1, spot: 'never', maxPricePerHour: 4 });
const cloud = offer && clouds.get(offer.vendor);
if (!cloud) throw new Error('Nothing suits.');

const instanceName = formatInstanceName({ fleet: 'default', run: 'r42', ordinal: 0, deadline: Date.now() + 3_600_000 });
let id: string | undefined;
try {
  const key = await cloud.keys?.create({ name: instanceName, publicKey });
  ({ id } = await cloud.createInstance({ offer, name: instanceName, publicKey, ...(key && { key }) }));
  const poller = new InstancePoller(cloud); // one for all who wait in the account
  const instance = await poller.wait(
    (instances) => instances.find((one) => one.name === instanceName && one.status === 'running'),
    { timeoutMs: 900_000 },
  );
  console.log(
    `${instanceName} runs on ${instance?.ssh?.host} at ${offer.vendor} for $${offer.pricePerHour.toFixed(2)} an hour`,
  );
} finally {
  // Without an id, the answer to the create was lost: the name is then polled for 90 s, since the instance may still appear.
  await destroyUntilGone(cloud, { name: instanceName, instanceIds: id === undefined ? undefined : [id] });
}
// #endregion
