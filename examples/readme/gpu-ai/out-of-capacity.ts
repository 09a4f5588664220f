import { ApiError, createGpuAi } from '@gpu-clouds/gpu-ai';

const gpuAi = createGpuAi();

/** The operation that makes an instance of the first GPU type that is to be had. */
async function rentFirst(gpuTypes: readonly string[]): Promise<string> {
  for (const gpu_type of gpuTypes) {
    try {
      const { operation_id } = await gpuAi.createInstance({ body: { gpu_type, gpu_count: 1, tier: 'on_demand' } });
      return operation_id;
    } catch (error) {
      // Only a refusal for want of capacity is worth another offer: with no funds, or a bad request, all would fail.
      if (!ApiError.isInstance(error) || error.code !== 'conflict' || error.mayHaveTakenEffect) throw error;
      console.log(`${gpu_type}: ${error.message}`);
    }
  }
  throw new Error('None of them is to be had.');
}

console.log(await rentFirst(['h100_sxm_80gb', 'a100_sxm_80gb']));
