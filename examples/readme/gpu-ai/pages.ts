import { createGpuAi } from '@gpu-clouds/gpu-ai';

const gpuAi = createGpuAi();
for await (const instance of gpuAi.listInstances.items()) console.log(instance.name); // asks for the next page when it needs it
for await (const { data } of gpuAi.listPricing.pages({ query: { limit: 5 } })) console.log(`a page of ${data.length}`);
const firstTen = await gpuAi.listPricing.items().toArray({ limit: 10 });
console.log(firstTen.length);
