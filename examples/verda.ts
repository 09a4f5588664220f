// Lists the running instances and the available instance types of Verda. Needs VERDA_CLIENT_ID and VERDA_CLIENT_SECRET.
import { createVerda } from '@gpu-clouds/verda';

const verda = createVerda();
for (const { hostname, instance_type, status, ip } of await verda.listInstances()) {
  console.log(`${hostname} is a ${instance_type}, ${status}, at ${ip ?? 'no address yet'}`);
}

const inStock = new Set((await verda.listInstanceAvailability()).flatMap(({ availabilities }) => availabilities));
for (const { instance_type, description, price_per_hour } of await verda.listInstanceTypes()) {
  if (inStock.has(instance_type)) console.log(`${instance_type} (${description}) at $${price_per_hour} an hour`);
}
