import { setTimeout as pause } from 'node:timers/promises';
import { createVerda, type Instance } from '@gpu-clouds/verda';

/** Deletes instances with all their volumes, for good. Those that refuse, such as one that is being made, are given back. */
async function destroy(instances: readonly Instance[]): Promise<Instance[]> {
  const refused: Instance[] = [];
  for (const instance of instances) {
    const { id, volume_ids, os_volume_id } = instance;
    const volumes = [...new Set([...volume_ids, ...(os_volume_id ? [os_volume_id] : [])])];
    const body = { action: 'delete', id, volume_ids: volumes, delete_permanently: true };
    // A 207 is no error: each instance has a result of its own.
    const results = (await verda.performInstanceAction({ body })) ?? [];
    if (results.some(({ status }) => status === 'error')) refused.push(instance);
  }
  return refused;
}

const verda = createVerda();
let left = (await verda.listInstances()).filter(({ hostname }) => hostname.startsWith('train-'));
while (left.length > 0) {
  left = await destroy(left);
  if (left.length > 0) await pause(10_000);
}
console.log(
  `${(await verda.listInstances()).length} instances, ${(await verda.listVolumes()).length} volumes are left`,
);
