import type { JobDeployments } from '@gpu-clouds/clouds';
import { CloudError, type Offer, type Vendor } from '@gpu-clouds/clouds/pure';
import { activityInfo, Context, cancellationSignal, sleep } from '@temporalio/activity';
import { neverReady, whileBooting } from './await-instance.ts';
import { isCalledOff } from './called-off.ts';
import type {
  AwaitJobDeploymentInput,
  DeployInput,
  JobDeploymentReady,
  OffersInput,
  SubmitInput,
  Submitted,
} from './contract.ts';
import { cloudOf, type Dependencies, secretOf } from './dependencies.ts';
import { finalFailure, maxCreatePauseMs, toFailure } from './failures.ts';
import { matchingOffers } from './find-offers.ts';
import { withHeartbeats } from './heartbeats.ts';
import { refuseForeignNames } from './prepare-job.ts';

/** Returns the container offers that meet the constraints, cheapest first. */
export function findJobOffers(dependencies: Dependencies) {
  return (input: OffersInput): Promise<readonly Offer[]> =>
    matchingOffers(dependencies, input, (signal) => jobsOf(dependencies, input.vendor).listOffers({ signal }));
}

/**
 * Creates the job deployment, or adopts the one with its name. Names are unique at the vendor, so a retry cannot create a second one.
 */
export function createJobDeployment(dependencies: Dependencies) {
  return async (input: DeployInput): Promise<void> => {
    const { vendor, instanceName, offer, container, maxSeconds } = input;
    const jobs = jobsOf(dependencies, vendor);
    const { image, port, health, entrypoint, args, registryCredentials } = container;
    // The earlier attempt may have lost its worker after it had sent the create.
    let mayHaveTakenEffect = activityInfo().attempt > 1;
    await withHeartbeats(async () => {
      try {
        if ((await jobs.get(instanceName)) !== undefined || (await isCalledOff())) return;
        refuseForeignNames(dependencies, instanceName);
        const secrets = input.secrets.map((name) => [name, secretOf(dependencies, name)] as const);
        const env = { ...input.env, ...Object.fromEntries(secrets) };
        // No abort signal: a create that was sent should end with a known result.
        await jobs.create({
          offer,
          name: instanceName,
          image,
          port,
          health,
          env,
          deadlineSeconds: maxSeconds,
          entrypoint,
          args,
          registryCredentials,
        });
      } catch (error) {
        if (isKind(error, 'conflict')) return;
        mayHaveTakenEffect ||= !CloudError.isInstance(error) || error.mayHaveTakenEffect;
        throw toFailure(error, { maxPauseMs: maxCreatePauseMs, details: { mayHaveTakenEffect } });
      }
    });
  };
}

/** Waits until the job deployment accepts jobs. Fails with `job-lost` or, after the boot timeout, with `never-ready`. */
export function awaitJobDeployment(dependencies: Dependencies) {
  const { now, timing } = dependencies;
  return async ({ vendor, instanceName, createdAt }: AwaitJobDeploymentInput): Promise<JobDeploymentReady> =>
    withHeartbeats(async () => {
      const jobs = jobsOf(dependencies, vendor);
      for (;;) {
        const found = await jobs.get(instanceName).catch((error: unknown) => {
          throw whileBooting(dependencies, { instanceName, createdAt }, toFailure(error, { alwaysRetry: true }));
        });
        const age = now() - createdAt;
        if (found?.status === 'ready') return { endpoint: found.endpoint };
        if (found?.status === 'deleting' || (found === undefined && age > timing.consistencyWindowMs))
          throw finalFailure('job-lost', `${instanceName} was deleted by someone else.`);
        if (age > timing.bootTimeoutMs) throw neverReady({ instanceName }, timing.bootTimeoutMs, found?.vendorStatus);
        await sleep(timing.pollIntervalMs);
      }
    });
}

/**
 * Submits the job, once per job deployment. Only the answer to the submission has the job's id, so a submission whose answer is lost cannot
 * be checked, and is never repeated. It fails with `submission-unknown`, and the job deployment is destroyed with whatever it has begun.
 */
export function submitJob(dependencies: Dependencies) {
  return async ({ vendor, instanceName, endpoint, path, payload }: SubmitInput): Promise<Submitted> => {
    const { attempt, heartbeatDetails } = activityInfo();
    // Heartbeat details of an attempt that certainly left no job behind.
    let clean: { readonly clean: number } | undefined;
    const unknown = () =>
      finalFailure(
        'submission-unknown',
        `It is unknown whether ${instanceName} accepted the job, because the answer to its submission was lost.`,
      );
    if (attempt > 1 && heartbeatDetails?.clean !== attempt - 1) throw unknown();
    return withHeartbeats(
      async () => {
        if (cancellationSignal().aborted) {
          clean = { clean: attempt };
          await Context.current().cancelled;
        }
        try {
          return await jobsOf(dependencies, vendor).submit(endpoint, { path, payload });
        } catch (error) {
          if (!CloudError.isInstance(error) || error.mayHaveTakenEffect) throw unknown();
          clean = { clean: attempt };
          // The API may report `ready` before the host in front of the container knows it.
          throw toFailure(error, { alwaysRetry: error.kind === 'not-found' });
        }
      },
      () => clean,
    );
  };
}

/** @throws ApplicationFailure `invalid` if the cloud has no job deployments. */
export function jobsOf(dependencies: Dependencies, vendor: Vendor): JobDeployments {
  const { jobs } = cloudOf(dependencies, vendor);
  if (jobs !== undefined) return jobs;
  throw finalFailure('invalid', `${vendor} has no job deployments.`);
}

export function isKind(error: unknown, kind: CloudError['kind']): boolean {
  return CloudError.isInstance(error) && error.kind === kind;
}
