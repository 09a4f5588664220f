import type { Offer } from '@gpu-clouds/clouds/pure';
import { ApplicationFailure, setWorkflowOptions } from '@temporalio/workflow';
import type { Machine } from '../activities/contract.ts';
import type { JobResult } from '../job-status.ts';
import type { JobOrder } from '../workflow-api.ts';
import { onMachine } from './activity-proxies.ts';
import { checkpointed, dropCheckpoints, restore } from './checkpointing.ts';
import { JobRun } from './job-run.ts';
import { rankedOffers } from './ranked-offers.ts';
import { RentedMachine } from './rented-machine.ts';
import { concluded, type Done, noOfferLeft, resultOf } from './run-outcome.ts';
import { stoppable, unlessStopped, within } from './stopping.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, runJob);

/**
 * Rents the cheapest machine that fits the job, runs its command there, brings back its files, and ends when the machine is gone. A
 * machine that cannot be had or is lost is replaced by the next offer, one that was taken back by whatever is on offer then; what no other
 * machine can mend ends the job at once.
 */
export async function runJob(order: JobOrder): Promise<JobResult> {
  const run = new JobRun(order); // answers queries from this line on
  return concluded(run.record, () => unlessStopped(run, () => untilDone(run)));
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

/** Undefined when no offer worked out, or when a spot machine was taken back: by then there are other offers, at other prices. */
async function tryEach(offers: readonly Offer[], run: JobRun): Promise<JobResult | undefined> {
  const { preemptions } = run.memory;
  for (const offer of offers) {
    if (!run.memory.mayTry(offer.vendor)) continue;
    const done = await runOn(offer, run);
    if (done !== undefined) return resultOf(run.record, offer, { ...done, stopped: run.stopped });
    if (run.memory.preemptions > preemptions) return undefined;
  }
  return undefined;
}

/** Undefined when the machine could not be had or was lost: noted, and the next offer's turn. */
async function runOn(offer: Offer, run: JobRun): Promise<Omit<Done, 'stopped'> | undefined> {
  const machine = await RentedMachine.rent(run, offer);
  try {
    const done = await machine.whileItLasts(async () => {
      const { id, job } = run.order;
      const target = { run: id, machine: await machine.ready() };

      run.enter('uploading');
      if (job.files.up.length > 0) await onMachine.uploadFiles({ ...target, files: job.files.up });

      if (job.setup !== undefined) await setUp(run, target.machine, job.setup);

      if (run.beginsAgain) await restore(run, target.machine);

      run.enter('running');
      const command = () => run.step(target.machine, 'command', job.command);
      const { exitCode } = await checkpointed(run, target.machine, () => stoppable(run, target.machine, command));
      run.commandEnded(exitCode);
      if (exitCode === 0 && !run.stopped) await dropCheckpoints(run);

      run.enter('collecting');
      if (job.files.down.length === 0) return { exitCode, outputs: [], missing: [] };
      return { exitCode, ...(await onMachine.collectFiles({ ...target, files: job.files.down })) };
    });
    return done;
  } finally {
    run.enter('destroying');
    await machine.release();
  }
}

/** @throws ApplicationFailure of the kind `setup-failed`. */
async function setUp(run: JobRun, machine: Machine, script: string): Promise<void> {
  run.enter('setting-up');
  const { maxSetup } = run.order.job.limits;
  const tooLong = { kind: 'setup-failed', message: `The setup took longer than limits.maxSetup, ${maxSetup}.` };
  const { exitCode } = await within(maxSetup, tooLong, () => run.step(machine, 'setup', script));
  run.setupEnded(exitCode);
  if (exitCode === 0) return;
  const message = `The setup ended with exit code ${exitCode}: its output says why.`;
  throw ApplicationFailure.nonRetryable(message, 'setup-failed');
}
