import { type Offer, ownerIdOf } from '@gpu-clouds/clouds/pure';
import type { InstanceEnd, JobInstance } from '@gpu-clouds/jobs/contract';
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
import type { ReadyInstance } from '../activities/contract.ts';
import { teardown } from './activity-proxies.ts';
import { instance as instanceWorkflow } from './instance.ts';
import { releaseSignal } from './instance-messages.ts';
import type { JobRun } from './job-run.ts';
import type { Allowance } from './run-caps.ts';

/** An instance of the run, as the run sees it: the `instance` workflow behind it owns it. */
export class RentedInstance {
  readonly instanceName: string;
  /** Settles when its owner has ended, and never rejects. */
  readonly ended: Promise<void>;
  readonly #run: JobRun;
  readonly #instance: JobInstance;
  readonly #child: ChildWorkflowHandle<typeof instanceWorkflow>;
  #end: InstanceEnd | 'owner-cancelled' | 'owner-stopped' | undefined;

  private constructor(run: JobRun, instance: JobInstance, child: ChildWorkflowHandle<typeof instanceWorkflow>) {
    this.instanceName = instance.instanceName;
    this.#run = run;
    this.#instance = instance;
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

  static async rent(run: JobRun, offer: Offer, node: number, allowance: Allowance): Promise<RentedInstance> {
    for (;;) {
      const instance = run.addInstance(offer, node, allowance);
      try {
        return new RentedInstance(run, instance, await startOwner(run, instance, allowance));
      } catch (error) {
        // Nothing was asked for under this instance name, at least not by this run as it is now.
        run.record.endInstance(instance.instanceName);
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await releaseForgotten(run, instance.instanceName);
      }
    }
  }

  /** `owner-cancelled`: it has torn down before it ended. `owner-stopped`: terminated, or worse; it has not. Undefined: still there. */
  get end(): InstanceEnd | 'owner-cancelled' | 'owner-stopped' | undefined {
    return this.#end;
  }

  /** Waits until SSH answers, for ever where it never does: wait for {@link ended} beside it. */
  async ready(): Promise<ReadyInstance> {
    let instance: ReadyInstance | undefined;
    await condition(() => {
      instance = this.#run.readyInstance(this.instanceName);
      return instance !== undefined;
    });
    if (instance === undefined) throw new Error('unreachable: the condition waited for it');
    return instance;
  }

  /** Gives the instance back and waits until the cloud shows it no more, however often this is cancelled. */
  async release(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      // An instance that has ended already hears nothing.
      const run = this.#run.order.id;
      if (this.#end === undefined) await this.#child.signal(releaseSignal, { run }).catch(() => undefined);
      await this.ended;
      if (this.#end === 'owner-stopped') await this.#destroyOurselves();
      this.#run.record.endInstance(this.instanceName);
    });
  }

  async #destroyOurselves(): Promise<void> {
    const { instanceName, offer } = this.#instance;
    const { instanceId } = this.#run.record.instance(instanceName) ?? {};
    await teardown(offer.vendor, `Destroy ${instanceName}`).destroyInstance({
      vendor: offer.vendor,
      instanceName,
      instanceId,
      volumeIds: [],
      // Its owner may have asked for it until just now.
      lastCreateAt: Date.now(),
    });
  }
}

function startOwner(
  { order }: JobRun,
  { instanceName, offer, node }: JobInstance,
  allowance: Allowance,
): Promise<ChildWorkflowHandle<typeof instanceWorkflow>> {
  const { id, fleet, job, searchable } = order;
  const { image, storage, nodes } = job.resources;
  const place = nodes === 1 ? '' : `, node ${node}`;
  return startChild(instanceWorkflow, {
    workflowId: ownerIdOf(instanceName),
    // An instance name stands for one instance only, even when the run is reset and counts them anew.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // Survives this workflow's termination: it is asked to cancel, and tears down.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor} for run ${id}${place}`,
    memo: { run: id, fleet },
    args: [
      {
        instanceName,
        run: id,
        offer,
        ...allowance,
        image,
        storage,
        ...(searchable ? { searchable } : {}),
      },
    ],
  });
}

/**
 * A run that was reset meets the owners of its instances of before, and is the only one who can release them. An owner that is not its own
 * does not hear it.
 */
export async function releaseForgotten({ order }: JobRun, instanceName: string): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(ownerIdOf(instanceName))
      .signal(releaseSignal, { run: order.id })
      // It has ended.
      .catch(() => undefined),
  );
}
