import { GpuNameError, parseGpu, type Vendor } from '@gpu-clouds/clouds/pure';
import type { Job } from '@gpu-clouds/jobs';
import { contractRefusal } from '@gpu-clouds/jobs/worker';
import type { PrepareInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { checkUploads } from './upload-paths.ts';

/**
 * Finds out before anything is rented whether this worker can do the job at all.
 * @returns The clouds to rent from.
 */
export function prepareJob(dependencies: Dependencies) {
  const { clouds, runs, secretFor } = dependencies;
  return async (input: PrepareInput): Promise<{ readonly vendors: readonly Vendor[] }> => {
    const { job } = input;
    refuseOtherContracts(input.contract);
    refuseOtherFleets(dependencies, 'job', input.fleet);
    refuseUnknownGpus(job);
    const refusals = job.secrets.map(secretFor).flatMap((secret) => ('refusal' in secret ? [secret.refusal] : []));
    if (refusals.length > 0) throw finalFailure('invalid', `The job's secrets: ${refusals.join(' ')}`);
    await checkUploads(job.files);
    // One that comes and goes is waited for, while nothing costs.
    await runs.check();
    await refuseOtherStores(dependencies, input.store);
    const wanted = job.resources.vendors ?? [...clouds.keys()];
    const vendors = wanted.filter((vendor) => clouds.has(vendor));
    if (vendors.length === 0) {
      throw finalFailure(
        'unauthorized',
        `The worker has no account with ${wanted.length === 0 ? 'any cloud' : wanted.join(' or ')}: give it credentials.`,
      );
    }
    return { vendors };
  };
}

/** Refuses an input whose form this worker may misunderstand. @throws ApplicationFailure, final */
export function refuseOtherContracts(contract: string | undefined): void {
  const refusal = contractRefusal(contract);
  if (refusal !== undefined) throw finalFailure('invalid', refusal);
}

/** The files of the run would be in a store where nobody looks for them. @throws ApplicationFailure, final */
async function refuseOtherStores({ runs }: Dependencies, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  const own = await runs.id();
  if (own === wanted) return;
  throw finalFailure(
    'invalid',
    `The run uses the run store ${wanted}, and this worker uses ${own}. Set GPU_CLOUDS_RUNS to the same store for workers and for programs that start runs.`,
  );
}

/** @throws ApplicationFailure, final */
export function refuseOtherFleets({ fleet }: Dependencies, what: string, wanted: string): void {
  if (wanted === fleet) return;
  throw finalFailure(
    'invalid',
    `The ${what} is for the fleet "${wanted}", this worker serves "${fleet}": set GPU_CLOUDS_FLEET to the same name for both.`,
  );
}

/** Such a job comes from a caller without `parseJob`. Ranking offers by it would fail again and again. */
function refuseUnknownGpus({ resources: { gpu = [] } }: Job): void {
  try {
    [gpu].flat().forEach(parseGpu);
  } catch (error) {
    throw error instanceof GpuNameError ? finalFailure('invalid', `resources.gpu: ${error.message}`) : error;
  }
}
