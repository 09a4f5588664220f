/** What a user of two clients might write. It is checked and run where only the published packages are. */
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { ApiError, createVerda, type Instance } from '@gpu-clouds/verda';

const verda = createVerda();
const gpuAi = createGpuAi();

const running: readonly Instance[] = await verda.listInstances();
// @ts-expect-error: had the types got lost on the way, everything would be allowed.
const mistyped: number = await gpuAi.listGpuTypes();
// @ts-expect-error
const neverCalled = () => verda.getInstance({ path: {} });

let gpuTypes = 0;
for await (const { gpu_type } of gpuAi.listGpuTypes.items()) if (gpu_type !== '') gpuTypes++;

const found = { locations: (await verda.listLocations()).length, gpuTypes };
console.log(JSON.stringify({ found, running: running.length, unused: [typeof mistyped, typeof neverCalled] }));

try {
  await verda.getInstance({ path: { instance_id: '00000000-0000-0000-0000-000000000000' } });
} catch (error) {
  if (!ApiError.isInstance(error) || error.code !== 'not-found') throw error;
}
