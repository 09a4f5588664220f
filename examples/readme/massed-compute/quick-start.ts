import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { rawClient } from '@gpu-clouds/massed-compute/raw';

const massed = createMassedCompute(); // MASSED_COMPUTE_TOKEN, or createMassedCompute({ token })
const { runningInstances } = await massed.listInstances();
for (const { name, status } of runningInstances) console.log(name, status);

const { data, error } = await rawClient(massed).GET('/images'); // plain openapi-fetch, same credentials and retries
console.log(data?.images.length, error?.message);
