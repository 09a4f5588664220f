import type { Offer } from '@gpu-clouds/clouds/pure';
import type { JobOrder, JobResult, ScheduledOrder } from '@gpu-clouds/jobs/contract';
import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { InstanceMode } from './instance-mode.ts';
import { JobDeploymentMode } from './job-deployment-mode.ts';
import type { JobMode } from './job-mode.ts';
import { hasMode, JobRun } from './job-run.ts';
import { noOfferLeft } from './no-offer.ts';
import { announced } from './notify-run.ts';
import { runOnLease } from './on-lease.ts';
import { Patience, type Search } from './patience.ts';
import { preparedVendors, rankedOffers } from './ranked-offers.ts';
import { RentedNodes } from './rented-nodes.ts';
import { concluded, type Done, resultOf } from './run-outcome.ts';
import { unlessStopped } from './stopping.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, runJob);

/**
 * Rents the cheapest instances or job deployment that fit the job, runs the job there, stores its output and files, and ends once everything
 * rented is gone. After a failure, `failurePolicies` decides whether the run continues, and on which offer. On a lease, nothing is rented, and
 * a failure ends the run.
 */
export async function runJob(order: JobOrder | ScheduledOrder): Promise<JobResult> {
  const run = new JobRun({ ...order, id: order.id ?? workflowInfo().workflowId }); // answers queries from this line on
  const patience = new Patience(run);
  try {
    const { lease } = run.order;
    const work = async () => {
      try {
        return await unlessStopped(run, () =>
          lease === undefined ? untilDone(run, patience) : runOnLease(run, lease),
        );
      } finally {
        await run.earlier.settled();
      }
    };
    return await announced(run.record, () => concluded(run.record, work));
  } finally {
    await patience.end();
  }
}

function modeOf(run: JobRun): JobMode {
  if (hasMode(run, 'job-deployment')) return new JobDeploymentMode(run);
  if (hasMode(run, 'instance')) return new InstanceMode(run);
  throw finalFailure('invalid', `The run ${run.order.id} has an unknown mode.`);
}

async function untilDone(run: JobRun, patience: Patience): Promise<JobResult> {
  for (;;) {
    let search: Search | undefined;
    try {
      const vendors = await preparedVendors(run);
      // The content of a job file may leave out the mode and what it needs: only the prepared job has them.
      const mode = modeOf(run);
      search = { mode, vendors, found: false };
      const offers = await rankedOffers(run, mode, vendors);
      search = { mode, vendors, found: true };
      const result = await tryAll(patience.chosen(offers), run, mode);
      if (result !== undefined) return result;
    } catch (failure) {
      await patience.waitAfter(failure, search);
    }
    run.enter('finding-offers');
  }
}

/** Returns undefined if offers are to be listed again. @throws ApplicationFailure `no-offer` if none of the offers worked out. */
async function tryAll(offers: readonly Offer[], run: JobRun, mode: JobMode): Promise<JobResult | undefined> {
  const { restarts } = run.memory;
  const result = await tryEach(offers, run, mode);
  if (result === undefined && run.memory.restarts === restarts) throw noOfferLeft(run.record.facts.failures);
  return result;
}

/**
 * Returns undefined if no offer worked out, after a preemption, and for an attempt on another instance: by then there are other offers, at
 * other prices.
 */
async function tryEach(offers: readonly Offer[], run: JobRun, mode: JobMode): Promise<JobResult | undefined> {
  const { restarts } = run.memory;
  for (const offer of offers) {
    while (run.memory.mayTry(offer)) {
      const done = await runOn(offer, run, mode);
      if (done !== undefined) return resultOf(run.record, offer, done);
      if (run.memory.restarts > restarts) return undefined;
      if (!run.memory.mayRepeat(offer)) break;
    }
  }
  return undefined;
}

/** Returns undefined if one of the instances was lost, which is noted, or if the job goes on with others. */
async function runOn(offer: Offer, run: JobRun, mode: JobMode): Promise<Done | undefined> {
  const rented = await RentedNodes.rent(run, mode.request, offer);
  try {
    return await rented.whileTheyLast(() => mode.work(rented));
  } finally {
    run.enter('destroying');
    await rented.release();
  }
}
