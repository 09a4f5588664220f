import type { Offer } from '@gpu-clouds/clouds/pure';
import type { InstanceEnd, JobRental } from '@gpu-clouds/jobs/contract';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
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
import { instance } from './instance.ts';
import { releaseSignal } from './instance-messages.ts';
import type { JobRun } from './job-run.ts';
import type { Allowance } from './run-caps.ts';

/** A machine of the run, as the run sees it: the `instance` workflow behind it owns it. */
export class RentedMachine {
  readonly label: string;
  /** Settles when its owner has ended, and never rejects. */
  readonly ended: Promise<void>;
  readonly #run: JobRun;
  readonly #rental: JobRental;
  readonly #child: ChildWorkflowHandle<typeof instance>;
  #end: InstanceEnd | 'owner-cancelled' | 'owner-stopped' | undefined;

  private constructor(run: JobRun, rental: JobRental, child: ChildWorkflowHandle<typeof instance>) {
    this.label = rental.label;
    this.#run = run;
    this.#rental = rental;
    this.#child = child;
    this.ended = child.result().then(
      (end) => {
        this.#end = end;
      },
      (error: unknown) => {
        this.#end = isCancellation(error) ? 'owner-cancelled' : 'owner-stopped';
      },
    );
  }

  static async rent(run: JobRun, offer: Offer, node: number, allowance: Allowance): Promise<RentedMachine> {
    for (;;) {
      const rental = run.addRental(offer, node);
      try {
        return new RentedMachine(run, rental, await startOwner(run, rental, allowance));
      } catch (error) {
        // Nothing was asked for under this label, at least not by this run as it is now.
        run.record.endRental(rental.label);
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await releaseForgotten(run, rental.label);
      }
    }
  }

  /** `owner-cancelled`: it has torn down before it ended. `owner-stopped`: terminated, or worse; it has not. Undefined: still there. */
  get end(): InstanceEnd | 'owner-cancelled' | 'owner-stopped' | undefined {
    return this.#end;
  }

  /** Waits until SSH answers, for ever where it never does: wait for {@link ended} beside it. */
  async ready(): Promise<Machine> {
    let machine: Machine | undefined;
    await condition(() => {
      machine = this.#run.readyMachine(this.label);
      return machine !== undefined;
    });
    if (machine === undefined) throw new Error('unreachable: the condition waited for it');
    return machine;
  }

  /** Gives the machine back and waits until the cloud shows it no more, however often this is cancelled. */
  async release(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      // A machine that has ended already hears nothing.
      const run = this.#run.order.id;
      if (this.#end === undefined) await this.#child.signal(releaseSignal, { run }).catch(() => undefined);
      await this.ended;
      if (this.#end === 'owner-stopped') await this.#destroyOurselves();
      this.#run.record.endRental(this.label);
    });
  }

  async #destroyOurselves(): Promise<void> {
    const { label, offer } = this.#rental;
    const { instanceId } = this.#run.record.rental(label) ?? {};
    await teardown(offer.vendor, `Destroy ${label}`).destroyInstance({
      vendor: offer.vendor,
      label,
      ...(instanceId === undefined ? {} : { instanceId }),
      volumeIds: [],
      // Its owner may have asked for it until just now.
      lastCreateAt: Date.now(),
    });
  }
}

function startOwner(
  { order }: JobRun,
  { label, offer, node }: JobRental,
  allowance: Allowance,
): Promise<ChildWorkflowHandle<typeof instance>> {
  const { id, deployment, job, searchable } = order;
  const { image, storage, nodes } = job.resources;
  const place = nodes === 1 ? '' : `, node ${node}`;
  return startChild(instance, {
    workflowId: label,
    // A label stands for one machine only, even when the run is reset and counts them anew.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // Survives this workflow's termination: it is asked to cancel, and tears down.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor} for run ${id}${place}`,
    memo: { run: id, deployment },
    args: [
      {
        label,
        run: id,
        offer,
        ...allowance,
        ...(image === undefined ? {} : { image }),
        ...(storage === undefined ? {} : { storage }),
        ...(searchable ? { searchable } : {}),
      },
    ],
  });
}

/**
 * A run that was reset meets the owners of its machines of before, and is the only one who can release them. An owner that is not its own
 * does not hear it.
 */
export async function releaseForgotten({ order }: JobRun, label: string): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(label)
      .signal(releaseSignal, { run: order.id })
      // It has ended.
      .catch(() => undefined),
  );
}
