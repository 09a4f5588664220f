import { setTimeout as pause } from 'node:timers/promises';
import { createMassedCompute } from '@gpu-clouds/massed-compute';

const massed = createMassedCompute();
const ours = async () =>
  (await massed.listInstances()).runningInstances
    .filter(({ name }) => name?.startsWith('train-'))
    .map(({ uuid }) => uuid);

// The list decides, not the answer: terminating what is gone already is no failure. Disks go too, SSH keys stay.
for (let left = await ours(); left.length > 0; left = await ours()) {
  await massed.terminateInstances({ body: { instanceUuids: left } });
  await pause(1_000);
}
console.log('nothing is left');
