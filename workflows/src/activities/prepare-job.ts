import { isDeepStrictEqual } from 'node:util';
import { parseInstanceName } from '@gpu-clouds/clouds/pure';
import { checkOnLease, type Job, LeaseError } from '@gpu-clouds/jobs';
import { isUrl, vendorsOf } from '@gpu-clouds/jobs/contract';
import { contractRefusal, describeIssue, jobSchema } from '@gpu-clouds/jobs/worker';
import { Context } from '@temporalio/activity';
import { refuseUnusableBuckets } from './bucket-sources.ts';
import type { Prepared, PrepareInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { targetOf } from './send-notification.ts';

/** Checks, before anything is rented, that this worker can do the job. Returns the clouds to rent from. */
export function prepareJob(dependencies: Dependencies) {
  const { clouds, runs, secretFor } = dependencies;
  return async (input: PrepareInput): Promise<Prepared> => {
    refuseOtherContracts(input.contract);
    refuseOtherFleets(dependencies, 'job', input.fleet);
    const job = checkedJob(input.job);
    refuse("The job's secrets", secretsOf(job).map(secretFor));
    refuse(
      "The job's notify",
      (job.notify ?? []).map((webhook) => targetOf(dependencies, webhook)),
    );
    // A run store that is down for a while is awaited here, while nothing bills.
    await runs.check();
    await refuseOtherStores(dependencies, input.store);
    await refuseMissingInputs(dependencies, job);
    await refuseUnusableBuckets(dependencies, job);
    const completed = isDeepStrictEqual(job, input.job) ? undefined : job;
    if (input.lease !== undefined) return { vendors: [], job: completed, lease: await leaseFor(job, input.lease) };
    const wanted = vendorsOf(job, [...clouds.keys()]);
    const served = wanted.filter((vendor) => clouds.has(vendor));
    if (served.length === 0) {
      throw finalFailure(
        'unauthorized',
        `The worker has no account with ${wanted.length === 0 ? 'any cloud' : wanted.join(' or ')}: give it credentials.`,
      );
    }
    const vendors = served.filter((vendor) => job.mode === 'instance' || clouds.get(vendor)?.jobs !== undefined);
    if (vendors.length === 0) throw finalFailure('invalid', `${served.join(' and ')} have no job deployments.`);
    return { vendors, job: completed };
  };
}

/** @throws ApplicationFailure, final, if the job cannot run on the lease */
async function leaseFor(job: Job, id: string): Promise<Prepared['lease']> {
  try {
    return await checkOnLease(Context.current().client, job, { id });
  } catch (error) {
    // It may have ended since the run was started.
    if (error instanceof LeaseError) throw finalFailure(error.hasEnded ? 'lease-ended' : 'invalid', error.message);
    throw error;
  }
}

/** @throws ApplicationFailure, final */
function refuse(what: string, found: readonly object[]): void {
  const refusals = found.flatMap((one) => ('refusal' in one ? [one.refusal] : []));
  if (refusals.length > 0) throw finalFailure('invalid', `${what}: ${refusals.join(' ')}`);
}

/** What the worker needs for the job, whether the job's scripts get it or not. */
function secretsOf(job: Job): readonly string[] {
  const registryAuth = job.mode === 'instance' ? job.container?.registryAuth : undefined;
  return registryAuth === undefined ? job.secrets : [...job.secrets, registryAuth];
}

/** Refuses an input whose form this worker may misunderstand. @throws ApplicationFailure, final */
export function refuseOtherContracts(contract: string | undefined): void {
  const refusal = contractRefusal(contract);
  if (refusal !== undefined) throw finalFailure('invalid', refusal);
}

/** @throws ApplicationFailure, final */
export function refuseOtherFleets({ fleet }: Dependencies, what: string, wanted: string): void {
  if (wanted === fleet) return;
  throw finalFailure(
    'invalid',
    `The ${what} is for the fleet "${wanted}", this worker serves "${fleet}": set GPU_CLOUDS_FLEET to the same name for both.`,
  );
}

/** No reaper of this fleet would ever find what has such a name. @throws ApplicationFailure, final */
export function refuseForeignNames(dependencies: Dependencies, instanceName: string): void {
  const fleet = parseInstanceName(instanceName)?.fleet;
  if (fleet === undefined) {
    const message = `"${instanceName}" is not an instance name of gpu-clouds. Use formatInstanceName to make one.`;
    throw finalFailure('invalid', message);
  }
  refuseOtherFleets(dependencies, 'instance', fleet);
}

/** A caller in another language has no parser of ours: its job may be anything. @throws ApplicationFailure, final */
function checkedJob(source: unknown): Job {
  const { data, error } = jobSchema.safeParse(source);
  if (data === undefined) {
    const issues = (error?.issues ?? []).flatMap((issue) => describeIssue(issue, source));
    throw finalFailure('invalid', `The job is not valid: ${issues.join('; ')}.`);
  }
  if (data.mode !== 'instance') return data;
  const [local] = data.files.up.flatMap(({ from }) => (from === undefined || isUrl(from) ? [] : from));
  if (local === undefined) return data;
  const how = 'Start it with startJob or "gpu-clouds run", or upload the files and set files.up[].input to their ID.';
  throw finalFailure('invalid', `The job uploads ${local}, which the worker cannot read. ${how}`);
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

/** Those that are there count as used now. @throws ApplicationFailure, final */
async function refuseMissingInputs({ runs }: Dependencies, job: Job): Promise<void> {
  if (job.mode !== 'instance') return;
  for (const { input } of job.files.up) {
    if (input === undefined || (await runs.inputs.touch(input))) continue;
    throw finalFailure('invalid', `The run store has no input ${input}. Upload it again and start a new run.`);
  }
}
