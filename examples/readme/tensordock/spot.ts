import { createTensorDock } from '@gpu-clouds/tensordock';

const tensorDock = createTensorDock();
const { hostnodes } = await tensorDock.listHostnodes({ query: { minGPUCount: 1 } });
for (const [hostnode, { specs }] of Object.entries(hostnodes)) {
  const [gpu_model] = Object.keys(specs.gpu);
  if (!gpu_model) continue;
  const size = { gpu_model, gpu_count: 1, vcpus: 4, ram: 16, storage: 50 };
  // "No" is an answer here, and no error.
  const verdict = await tensorDock.validateSpotNew({ body: { hostnode, ...size, price: 0.2 } });
  console.log(`${gpu_model} for $0.20 an hour: ${verdict.success ? 'would do' : verdict.error}`);
}
