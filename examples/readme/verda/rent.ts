import { setTimeout as pause } from 'node:timers/promises';
import { createVerda } from '@gpu-clouds/verda';
import { waitForInstance } from '@gpu-clouds/verda/waiters';

const verda = createVerda();
const types = (await verda.listInstanceTypes()).filter(
  ({ model, gpu }) => model === 'H100' && gpu.number_of_gpus === 1,
);
const [cheapest] = types.sort((a, b) => Number(a.price_per_hour) - Number(b.price_per_hour));
const stock = await verda.listInstanceAvailability();
const places = stock.filter(({ availabilities }) => cheapest && availabilities.includes(cheapest.instance_type));
const images = await verda.listImages();
const image = images.find(({ image_type }) => image_type.includes('cuda'))?.image_type;
if (!cheapest || !places[0] || !image) throw new Error('There is no H100 to be had.');

// Verda knows no idempotency key. The name is what tells our machine, should the answer with its id be lost.
const hostname = `train-${crypto.randomUUID().slice(0, 8)}`;
const keys = await verda.listSshKeys();
const order = { hostname, description: hostname, image, ssh_key_ids: keys.map(({ id }) => id) };
try {
  const id = await verda.createInstance({
    body: { ...order, instance_type: cheapest.instance_type, location_code: places[0].location_code },
  });
  const { ip } = await waitForInstance(verda, id, { onProgress: ({ state }) => console.log(state) });
  console.log(`root@${ip} for $${cheapest.price_per_hour} an hour`);
} finally {
  // Lists lag behind a create, and what is being made refuses to be deleted: only three looks that find nothing are the end.
  for (let looks = 0; looks < 3; looks += 1) {
    for (const { id, hostname: name, volume_ids, os_volume_id } of await verda.listInstances()) {
      if (name !== hostname) continue;
      looks = -1;
      // A volume that is not named here is only detached, and goes on billing.
      const volumes = [...new Set([...volume_ids, ...(os_volume_id ? [os_volume_id] : [])])];
      const body = { action: 'delete', id, volume_ids: volumes, delete_permanently: true };
      await verda.performInstanceAction({ body }).catch((error: unknown) => console.log(String(error)));
    }
    await pause(5_000);
  }
  console.log('given back');
}
