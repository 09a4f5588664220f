import { ApiError, createMassedCompute } from '@gpu-clouds/massed-compute';

const massed = createMassedCompute();

/** The uuid of a machine in the first region that has one. */
async function launchAnywhere(productName: string, imageId: number, regions: readonly string[]): Promise<string> {
  for (const regionName of regions) {
    try {
      return (await massed.launchInstance({ body: { productName, imageId, regionName } })).response;
    } catch (error) {
      // The vendor documents no such refusal; clients go by the text. A 402 or a 422 would be the same everywhere.
      const full = ApiError.isInstance(error) && /capacity|out of stock/i.test(error.message);
      if (!full || error.mayHaveTakenEffect) throw error;
      console.log(`${regionName}: ${error.message}`);
    }
  }
  throw new Error('No region has one.');
}

console.log(await launchAnywhere('gpu_1x_a30', 16, ['us-central-3', 'us-east-1']));
