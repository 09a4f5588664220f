import { type Offer, ownerIdOf, rankOffers, type Vendor } from '@gpu-clouds/clouds/pure';
import { failurePolicies, type JobInstance, type JobResult, offerConstraints } from '@gpu-clouds/jobs/contract';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { job as jobActivities, offers as offersOf, teardown } from './activity-proxies.ts';
import { releaseSignal } from './instance-messages.ts';
import { jobDeployment } from './job-deployment.ts';
import type { JobDeploymentEnd } from './job-deployment-api.ts';
import type { JobRun } from './job-run.ts';
import { releaseForgotten } from './rented-instance.ts';
import type { Allowance } from './run-caps.ts';
import { noOfferAtAll, noOfferLeft, resultOf } from './run-outcome.ts';

/** The one cloud with containers for single jobs. */
const vendor: Vendor = 'verda';
/** An answer to a submission gets lost now and then; what loses it every time is no accident. */
const maxJobDeployments = 3;

/**
 * Deploys the job's container on the cheapest offer, submits the job, and ends when its answer is stored and the deployment is gone. A
 * deployment that cannot be had, or of which nobody knows whether it took the job, is deleted and replaced.
 */
export async function runJobDeployment(run: JobRun): Promise<JobResult> {
  for (const offer of await jobOffers(run)) {
    for (let tries = 1; run.memory.mayTry(vendor); tries += 1) {
      const end = await onJobDeployment(run, offer);
      if (end.why === 'answered') {
        const exitCode = exitCodeOf(end);
        const asked = run.stopRequested ? { asked: 'stop' as const } : {};
        return resultOf(run.record, offer, {
          exitCode,
          exitCodes: [exitCode],
          outputs: end.outputs,
          missing: [],
          ...asked,
        });
      }
      const isAccident = end.why === 'failed' && failurePolicies[end.kind].next === 'same-offer';
      if (!isAccident || tries === maxJobDeployments) break;
    }
  }
  throw noOfferLeft(run.record.facts.failures);
}

async function jobOffers(run: JobRun): Promise<readonly Offer[]> {
  const { fleet, job, store, contract } = run.order;
  const ofVendor = { ...job, resources: { ...job.resources, vendors: [vendor] } };
  const prepared = await jobActivities.prepareJob({ fleet, store, contract, job: ofVendor });
  if (prepared.job !== undefined) run.record.complete(prepared.job);
  const constraints = offerConstraints(run.order.job);
  const found = await offersOf(vendor).findJobOffers({ vendor, constraints });
  if (found.length === 0) throw noOfferAtAll(run.record.facts.failures);
  return rankOffers(found, constraints);
}

/** @throws ApplicationFailure when another deployment could not do better. */
async function onJobDeployment(run: JobRun, offer: Offer): Promise<JobDeploymentEnd> {
  const { instanceName, child } = await deploy(run, offer);
  const asking = new CancellationScope();
  asking
    .run(async () => {
      await condition(() => run.stopRequested);
      await child.signal(releaseSignal, { run: run.order.id });
    })
    .catch(() => undefined);
  try {
    const end = await child.result();
    if (end.why === 'answered') run.commandEnded(exitCodeOf(end));
    else if (end.why !== 'released') run.noteEnd(offer, end);
    else if (run.stopRequested) throw stopped(`${instanceName} was deleted, and its job with it.`);
    else throw stopped(`${instanceName} was released by someone else.`);
    return end;
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    // Cancelled, it has torn down before it ended; terminated, or worse, it has not, whatever has become of us meanwhile.
    if (!isCancellation(error)) await destroyOurselves(instanceName);
    const message = `Somebody stopped ${instanceName}, the workflow that owned the deployment.`;
    throw CancellationScope.current().consideredCancelled ? new CancelledFailure(message) : stopped(message);
  } finally {
    asking.cancel();
    run.record.endInstance(instanceName);
  }
}

async function deploy(
  run: JobRun,
  offer: Offer,
): Promise<{ readonly instanceName: string; readonly child: ChildWorkflowHandle<typeof jobDeployment> }> {
  const allowance = run.beginInstances(offer);
  for (;;) {
    const instance = run.addInstance(offer, 0, allowance);
    try {
      return { instanceName: instance.instanceName, child: await startOwner(run, instance, allowance) };
    } catch (error) {
      // Nothing was asked for under this instance name, at least not by this run as it is now.
      run.record.endInstance(instance.instanceName);
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await releaseForgotten(run, instance.instanceName);
    }
  }
}

function startOwner(
  { order }: JobRun,
  { instanceName, offer }: JobInstance,
  allowance: Allowance,
): Promise<ChildWorkflowHandle<typeof jobDeployment>> {
  const { id, job, searchable } = order;
  if (job.container === undefined) throw finalFailure('invalid', 'The job has no container.');
  const { container, env, secrets } = job;
  return startChild(jobDeployment, {
    workflowId: ownerIdOf(instanceName),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // Survives this workflow's termination: it is asked to cancel, and tears down.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor} for run ${id}`,
    memo: { run: id, fleet: order.fleet },
    args: [
      { instanceName, run: id, offer, container, env, secrets, ...allowance, ...(searchable ? { searchable } : {}) },
    ],
  });
}

async function destroyOurselves(instanceName: string): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    // Its owner may have asked for it until just now.
    teardown(vendor, `Destroy ${instanceName}`).destroyJobDeployment({
      vendor,
      instanceName,
      lastCreateAt: Date.now(),
    }),
  );
}

/** A container's own exit code is nowhere to be had: its answer tells whether it did the job. */
function exitCodeOf({ succeeded }: { readonly succeeded: boolean }): number {
  return succeeded ? 0 : 1;
}

function stopped(message: string): ApplicationFailure {
  return finalFailure('stopped', message);
}
