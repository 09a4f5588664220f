import { setTimeout as pause } from 'node:timers/promises';
import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { waitForInstance } from '@gpu-clouds/massed-compute/waiters';

const massed = createMassedCompute();
const { gpu_inventory } = await massed.listGpuInventory();
const products = Object.values(gpu_inventory).filter(
  ({ instance_type, regions_with_capacity_available: regions }) =>
    /^1x H100/.test(instance_type.description) && instance_type.price_cents_per_hour > 0 && regions.length > 0,
);
const price = ({ instance_type }: (typeof products)[number]) => instance_type.price_cents_per_hour;
const [cheapest] = products.sort((a, b) => price(a) - price(b));
const { images } = await massed.listImages(); // ids differ between accounts: go by the name
const image = images.find(({ vm_image_name }) => vm_image_name.includes('CUDA'));
if (!cheapest || !image) throw new Error('There is no H100 to be had.');

// There are neither tags nor idempotency keys: the name tells what is ours, should the answer with the uuid be lost.
const instanceName = `train-${crypto.randomUUID().slice(0, 8)}`;
const { sshKeys } = await massed.listSshKeys();
try {
  const { response: uuid } = await massed.launchInstance({
    body: {
      instanceName,
      imageId: image.vm_image_id,
      productName: cheapest.instance_type.name,
      regionName: 'any',
      sshKeys: sshKeys.map(({ name }) => name), // names, not ids
    },
  });
  const { username, ip } = await waitForInstance(massed, uuid); // running, booted, and with an address
  console.log(`${username}@${ip} for $${price(cheapest) / 100} an hour`);
} finally {
  // Lists lag behind a create, and a delete may be refused or fail: only three looks that find nothing are the end.
  for (let looks = 0; looks < 3; looks += 1) {
    for (const { uuid, name } of (await massed.listInstances()).runningInstances) {
      if (name !== instanceName) continue;
      looks = -1;
      const body = { instanceUuids: [uuid] }; // may be repeated
      await massed.terminateInstances({ body }).catch((error: unknown) => console.log(String(error)));
    }
    await pause(5_000);
  }
  console.log('given back');
}
