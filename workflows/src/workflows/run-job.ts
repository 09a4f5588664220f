import type { Offer } from '@gpu-clouds/clouds/pure';
import type { JobOrder, JobResult } from '@gpu-clouds/jobs/contract';
import { setWorkflowOptions } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { checkpointed, dropCheckpoints, restore } from './checkpointing.ts';
import { summaryOf } from './failure-summary.ts';
import { collect, upload } from './job-files.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import { JobRun } from './job-run.ts';
import { rankedOffers } from './ranked-offers.ts';
import { RentedNodes } from './rented-nodes.ts';
import { runCommand } from './run-command.ts';
import { runJobDeployment } from './run-job-deployment.ts';
import { concluded, type Done, noOfferLeft, resultOf } from './run-outcome.ts';
import { unlessStopped, within } from './stopping.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, runJob);

/**
 * Rents the cheapest instances that fit the job, runs its command there, brings back its files, and ends when the instances are gone. Instances
 * that cannot be had or are lost are replaced by the next offer, those that were taken back by whatever is on offer then; what no others can
 * mend ends the job at once. Most jobs have one instance: a node.
 */
export async function runJob(order: JobOrder): Promise<JobResult> {
  const run = new JobRun(order); // answers queries from this line on
  const work = order.job.mode === 'job-deployment' ? runJobDeployment : untilDone;
  return concluded(run.record, () => unlessStopped(run, () => work(run)));
}

async function untilDone(run: JobRun): Promise<JobResult> {
  for (;;) {
    const { preemptions } = run.memory;
    const result = await tryEach(await rankedOffers(run), run);
    if (result !== undefined) return result;
    if (run.memory.preemptions === preemptions) throw noOfferLeft(run.record.facts.failures);
    run.enter('finding-offers');
  }
}

/** Undefined when no offer worked out, or when a spot instance was taken back: by then there are other offers, at other prices. */
async function tryEach(offers: readonly Offer[], run: JobRun): Promise<JobResult | undefined> {
  const { preemptions } = run.memory;
  for (const offer of offers) {
    if (!run.memory.mayTry(offer.vendor)) continue;
    const done = await runOn(offer, run);
    if (done !== undefined) return resultOf(run.record, offer, done);
    if (run.memory.preemptions > preemptions) return undefined;
  }
  return undefined;
}

/** Undefined when the instances could not be had or one was lost: noted, and the next offer's turn. */
async function runOn(offer: Offer, run: JobRun): Promise<Done | undefined> {
  const rented = await RentedNodes.rent(run, offer);
  try {
    const done = await rented.whileTheyLast(async () => {
      const nodes = await rented.ready();

      run.enter('uploading');
      await upload(run, nodes);

      const { setup } = run.order.job;
      if (setup !== undefined) await setUp(run, nodes, setup);

      if (run.beginsAgain) await restore(run, nodes);

      run.enter('running');
      const end = await checkpointed(run, nodes, () => runCommand(run, nodes)).catch((error: unknown) =>
        collectAnyway(run, nodes, error),
      );
      run.commandEnded(end.exitCode);
      if (end.exitCode === 0 && end.asked === undefined) await dropCheckpoints(run);

      run.enter('collecting');
      return { ...end, ...(await collect(run, nodes)) };
    });
    return done;
  } finally {
    run.enter('destroying');
    await rented.release();
  }
}

/** The instance can be reached, but the command left no exit code. Its files come back before the run fails. */
const leavesFiles: ReadonlySet<string> = new Set(['vanished', 'invalid-exit-code']);

async function collectAnyway(run: JobRun, nodes: readonly JobNode[], error: unknown): Promise<never> {
  if (leavesFiles.has(summaryOf(error).kind)) {
    run.enter('collecting');
    // Why the command failed says more than why its files could not be collected.
    await collect(run, nodes).catch(() => undefined);
  }
  throw error;
}

/** @throws ApplicationFailure of the kind `setup-failed`. */
async function setUp(run: JobRun, nodes: readonly JobNode[], script: string): Promise<void> {
  run.enter('setting-up');
  const { maxSetup } = run.order.job.limits;
  const tooLong = {
    kind: 'setup-failed',
    message: `The setup took longer than limits.maxSetup, ${maxSetup}.`,
  } as const;
  await within(maxSetup, tooLong, () =>
    onEveryNode(nodes, async (node) => {
      const exitCode = await run.step(node, 'setup', script);
      if (exitCode === 0) return;
      run.setupEnded(exitCode);
      const where = nodes.length === 1 ? '' : ` on node ${node.node}`;
      const message = `The setup ended${where} with exit code ${exitCode}: its output says why.`;
      throw finalFailure('setup-failed', message);
    }),
  );
  run.setupEnded(0);
}
