// Lists the stock of Massed Compute, cheapest first. Needs MASSED_COMPUTE_TOKEN.
import { createMassedCompute } from '@gpu-clouds/massed-compute';

const massed = createMassedCompute();
const { gpu_inventory } = await massed.listGpuInventory();
const stock = Object.values(gpu_inventory)
  .filter(({ instance_type }) => instance_type.price_cents_per_hour > 0)
  .sort((a, b) => a.instance_type.price_cents_per_hour - b.instance_type.price_cents_per_hour);
for (const { instance_type, regions_with_capacity_available } of stock) {
  const regions = regions_with_capacity_available.map(({ name }) => name).join(', ');
  console.log(`${instance_type.description} at $${instance_type.price_cents_per_hour / 100} an hour in ${regions}`);
}
