import { createMassedCompute } from '@gpu-clouds/massed-compute';

const massed = createMassedCompute(); // MASSED_COMPUTE_TOKEN, or createMassedCompute({ token })
const { runningInstances } = await massed.listInstances();
for (const { name, status } of runningInstances) console.log(name, status);

const { data, error } = await massed.raw.GET('/images'); // plain openapi-fetch, same credentials and retries
console.log(data?.images.length, error?.message);
