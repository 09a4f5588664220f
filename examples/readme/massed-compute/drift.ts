import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { validated } from '@gpu-clouds/massed-compute/validate';

const massed = createMassedCompute({ fetch: validated(undefined, { onDrift: (drift) => console.warn(drift) }) });
console.log(Object.keys((await massed.listGpuInventory()).gpu_inventory).length);
