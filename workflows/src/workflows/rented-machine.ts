import type { Offer } from '@gpu-clouds/clouds/pure';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import type { Machine } from '../activities/contract.ts';
import { teardown } from './activity-proxies.ts';
import { storyOf } from './failure-story.ts';
import { instance } from './instance.ts';
import { type InstanceEnd, releaseSignal } from './instance-api.ts';
import type { JobRun } from './job-run.ts';

/** A machine of the run, as the run sees it: the `instance` workflow behind it owns it. */
export class RentedMachine {
  readonly #run: JobRun;
  readonly #label: string;
  readonly #offer: Offer;
  readonly #child: ChildWorkflowHandle<typeof instance>;
  /** Settles when its owner has ended, and never rejects. */
  readonly #ended: Promise<void>;
  /** `owner-cancelled`: it has torn down before it ended. `owner-stopped`: terminated, or worse; it has not. */
  #end: InstanceEnd | 'owner-cancelled' | 'owner-stopped' | undefined;

  private constructor(run: JobRun, label: string, offer: Offer, child: ChildWorkflowHandle<typeof instance>) {
    this.#run = run;
    this.#label = label;
    this.#offer = offer;
    this.#child = child;
    this.#ended = child.result().then(
      (end) => {
        this.#end = end;
      },
      (error: unknown) => {
        this.#end = isCancellation(error) ? 'owner-cancelled' : 'owner-stopped';
      },
    );
  }

  static async rent(run: JobRun, offer: Offer): Promise<RentedMachine> {
    for (;;) {
      const rental = run.beginRental(offer);
      try {
        return new RentedMachine(run, rental.label, offer, await startOwner(run, offer, rental));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await releaseForgotten(rental.label);
        run.record.endRental(rental.label);
      }
    }
  }

  /** Waits until SSH answers. Never returns when the machine ends first: {@link whileItLasts} does then. */
  async ready(): Promise<Machine> {
    let machine: Machine | undefined;
    await condition(() => {
      machine = this.#run.readyMachine(this.#label);
      return machine !== undefined;
    });
    if (machine === undefined) throw new Error('unreachable: the condition waited for it');
    return machine;
  }

  /**
   * Does work on the machine, which is cut short when the machine ends. Undefined then, unless the end ends the job too.
   * @throws ApplicationFailure when another machine could not do better.
   */
  async whileItLasts<T>(work: () => Promise<T>): Promise<T | undefined> {
    const around = CancellationScope.current();
    const scope = new CancellationScope();
    this.#ended.then(() => scope.cancel());
    try {
      return await scope.run(work);
    } catch (error) {
      if (around.consideredCancelled) throw error;
      const story = storyOf(error);
      if (this.#end === undefined && story.kind !== 'unreachable') throw error;
      if (this.#end === 'owner-stopped' || this.#end === 'owner-cancelled') {
        throw ApplicationFailure.nonRetryable(
          `Somebody stopped ${this.#label}, the workflow that owned the machine.`,
          'stopped',
        );
      }
      this.#run.noteEnd(this.#label, this.#end ?? { why: 'failed', ...story });
      return undefined;
    }
  }

  /** Gives the machine back and waits until the cloud shows it no more, however often this is cancelled. */
  async release(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      // A machine that has ended already hears nothing.
      if (this.#end === undefined) await this.#child.signal(releaseSignal).catch(() => undefined);
      await this.#ended;
      if (this.#end === 'owner-stopped') await this.#destroyOurselves();
      this.#run.record.endRental(this.#label);
    });
  }

  async #destroyOurselves(): Promise<void> {
    await teardown(this.#offer.vendor, `Destroy ${this.#label}`).destroyInstance({
      vendor: this.#offer.vendor,
      label: this.#label,
      volumeIds: [],
      lastCreateAt: this.#run.rentedAt(this.#label),
    });
  }
}

function startOwner(
  { order }: JobRun,
  offer: Offer,
  { label, allowance }: ReturnType<JobRun['beginRental']>,
): Promise<ChildWorkflowHandle<typeof instance>> {
  const { image, storage } = order.job.resources;
  return startChild(instance, {
    workflowId: label,
    // A label stands for one machine only, even when the run is reset and counts them anew.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // Survives this workflow's termination: it is asked to cancel, and tears down.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor} for run ${order.id}`,
    memo: { run: order.id, deployment: order.deployment },
    args: [
      {
        label,
        offer,
        ...allowance,
        ...(image === undefined ? {} : { image }),
        ...(storage === undefined ? {} : { storage }),
      },
    ],
  });
}

/** A run that was reset meets the owners of its machines of before, and is the only one who can release them. */
async function releaseForgotten(label: string): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(label)
      .signal(releaseSignal)
      // It has ended.
      .catch(() => undefined),
  );
}
