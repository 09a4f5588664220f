import type { JobDeployments } from '@gpu-clouds/clouds';
import { CloudError, type Offer, rankOffers, type Vendor } from '@gpu-clouds/clouds/pure';
import { activityInfo, Context, cancellationSignal, sleep } from '@temporalio/activity';
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
import { finalFailure, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';

/** The kinds of container on offer that meet the constraints, cheapest first. */
export function findJobOffers(dependencies: Dependencies) {
  return async ({ vendor, constraints }: OffersInput): Promise<readonly Offer[]> => {
    try {
      const offers = await jobsOf(dependencies, vendor).listOffers({ signal: cancellationSignal() });
      return rankOffers(offers, constraints);
    } catch (error) {
      if (cancellationSignal().aborted) await Context.current().cancelled;
      throw toFailure(error);
    }
  };
}

/**
 * Makes the deployment, or adopts the one of that name: a name can be had once, so that no answer that is lost leads to a second one.
 */
export function createJobDeployment(dependencies: Dependencies) {
  return async (input: DeployInput): Promise<void> => {
    const { vendor, instanceName, offer, container, maxSeconds } = input;
    const jobs = jobsOf(dependencies, vendor);
    const { image, port, health, entrypoint, args, registryCredentials } = container;
    // The one before may have been killed, or cut off from us, after it had sent its create.
    let mayHaveTakenEffect = activityInfo().attempt > 1;
    await withHeartbeats(async () => {
      try {
        if ((await jobs.get(instanceName)) !== undefined || (await isCalledOff())) return;
        const secrets = input.secrets.map((name) => [name, secretOf(dependencies, name)] as const);
        const env = { ...input.env, ...Object.fromEntries(secrets) };
        // Not cut short when the activity is cancelled: a create that was sent is better ended than unknown.
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
        throw toFailure(error, { details: { mayHaveTakenEffect } });
      }
    });
  };
}

/** Waits until jobs can be submitted. Fails with `job-lost` or, after the boot timeout, with `never-ready`. */
export function awaitJobDeployment(dependencies: Dependencies) {
  const { now, timing } = dependencies;
  return async ({ vendor, instanceName, createdAt }: AwaitJobDeploymentInput): Promise<JobDeploymentReady> =>
    withHeartbeats(async () => {
      const jobs = jobsOf(dependencies, vendor);
      for (;;) {
        const found = await jobs.get(instanceName).catch((error: unknown) => {
          throw toFailure(error);
        });
        const age = now() - createdAt;
        if (found?.status === 'ready') return { endpoint: found.endpoint };
        if (found?.status === 'deleting' || (found === undefined && age > timing.consistencyWindowMs))
          throw finalFailure('job-lost', `${instanceName} was deleted by someone else.`);
        if (age > timing.bootTimeoutMs) {
          const minutes = Math.round(timing.bootTimeoutMs / 60_000);
          const word = found?.vendorStatus ?? 'nothing';
          throw finalFailure(
            'never-ready',
            `${instanceName} was not ready after ${minutes} minutes; the last word was ${word}.`,
          );
        }
        await sleep(timing.pollIntervalMs);
      }
    });
}

/**
 * Submits the job, once for each deployment. Whether a submission whose answer is lost was taken, nobody can ask: the vendor names a job
 * only in that answer. So it is never sent again; it fails for good with `submission-unknown`, and the deployment has to go, and with it
 * whatever it may have begun.
 */
export function submitJob(dependencies: Dependencies) {
  return async ({ vendor, instanceName, endpoint, path, payload }: SubmitInput): Promise<Submitted> => {
    const { attempt, heartbeatDetails } = activityInfo();
    // Told by an attempt that ended knowing that it left no job behind.
    let clean: { readonly clean: number } | undefined;
    const unknown = () =>
      finalFailure(
        'submission-unknown',
        `Nobody knows whether ${instanceName} took the job: the answer to its submission was lost.`,
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
          // The host in front of the container can be later than the API that says that it is ready.
          throw toFailure(error, { alwaysRetry: error.kind === 'not-found' });
        }
      },
      () => clean,
    );
  };
}

/** Retryable: another worker may have the account. */
export function jobsOf(dependencies: Dependencies, vendor: Vendor): JobDeployments {
  const { jobs } = cloudOf(dependencies, vendor);
  if (jobs !== undefined) return jobs;
  throw finalFailure('invalid', `${vendor} has no job deployments.`);
}

export function isKind(error: unknown, kind: CloudError['kind']): boolean {
  return CloudError.isInstance(error) && error.kind === kind;
}
