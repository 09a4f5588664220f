import { createMassedCompute } from '@gpu-clouds/massed-compute';

const massed = createMassedCompute();
const { gpu_inventory } = await massed.listGpuInventory();
for (const { instance_type, regions_with_capacity_available: regions } of Object.values(gpu_inventory)) {
  const { description, price_cents_per_hour: cents, specs } = instance_type;
  if (cents === 0) continue; // internal, not for customers
  const kind = description.includes('[Spot]') ? 'spot' : 'on demand'; // spot is a product of its own
  console.log(`${description}, ${specs.memory_gib} GiB, ${kind}, $${cents / 100}: ${regions.map(({ name }) => name)}`);
}
