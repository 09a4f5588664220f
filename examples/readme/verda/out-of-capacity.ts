import { ApiError, createVerda } from '@gpu-clouds/verda';

const verda = createVerda();
const order = {
  instance_type: '1H100.80S.30V',
  image: 'ubuntu-24.04-cuda-12.8-open',
  hostname: 'train',
  description: 'train',
};

/** The id of a machine in the first location that has one. */
async function rentAnywhere(): Promise<string> {
  for (const { code } of await verda.listLocations()) {
    try {
      return await verda.createInstance({ body: { ...order, location_code: code } });
    } catch (error) {
      // "Not enough resources" is a 503, and a definite no. After any other 503 there may be a machine: do not ask again.
      if (!ApiError.isInstance(error) || error.code !== 'server' || error.mayHaveTakenEffect) throw error;
      console.log(`${code}: ${error.message}`);
    }
  }
  throw new Error('No location has one.');
}

console.log(await rentAnywhere());
