import { type Offer, ownerIdOf } from '@gpu-clouds/clouds/pure';
import type { InstanceEnd, InstanceFacts, JobInstance } from '@gpu-clouds/jobs/contract';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { instance as instanceWorkflow } from './instance.ts';
import { releaseSignal } from './instance-messages.ts';
import type { JobRun } from './job-run.ts';
import { destroyAbandoned, type Rentable } from './rentable.ts';
import type { Allowance } from './run-caps.ts';

/** An instance or job deployment of the run. An `instance` workflow owns it. */
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

  /** Returns undefined if the name was taken by what the run rented before it was reset, which is then gone. */
  static async rent(
    run: JobRun,
    request: Rentable,
    offer: Offer,
    node: number,
    allowance: Allowance,
  ): Promise<RentedInstance | undefined> {
    const instance = run.addInstance(offer, node, allowance);
    try {
      return new RentedInstance(run, instance, await startOwner(run, request, instance, allowance));
    } catch (error) {
      // This execution of the run has created nothing under this instance name.
      run.record.endInstance(instance.instanceName);
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await run.earlier.replace(instance.instanceName);
      return undefined;
    }
  }

  /** `owner-cancelled`: it has destroyed the instance. `owner-stopped`: it was terminated and may not have. Undefined: it is running. */
  get end(): InstanceEnd | 'owner-cancelled' | 'owner-stopped' | undefined {
    return this.#end;
  }

  /**
   * Waits until the instance can be used, forever if it never can: also wait for {@link ended}.
   * @param access Returns how to use it, once its owner has emitted that.
   */
  async ready<T>(access: (facts: InstanceFacts) => T | undefined): Promise<T> {
    for (;;) {
      const facts = this.#run.instanceFacts(this.instanceName);
      const found = facts === undefined ? undefined : access(facts);
      if (found !== undefined) return found;
      await condition(() => this.#run.instanceFacts(this.instanceName) !== facts);
    }
  }

  /** Releases the instance and waits until it is gone, even if this is cancelled. */
  async release(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      // The signal fails if the owner has ended meanwhile.
      const run = this.#run.order.id;
      if (this.#end === undefined) await this.#child.signal(releaseSignal, { run }).catch(() => undefined);
      await this.ended;
      const { record } = this.#run;
      if (this.#end === 'owner-stopped') {
        const instance = record.instance(this.instanceName) ?? this.#instance;
        const found = await destroyAbandoned(instance, this.#run.order.job.mode === 'job-deployment');
        record.changeInstance(this.instanceName, { instanceId: instance.instanceId ?? found });
      }
      record.endInstance(this.instanceName);
    });
  }
}

function startOwner(
  { order }: JobRun,
  request: Rentable,
  { instanceName, offer, node }: JobInstance,
  allowance: Allowance,
): Promise<ChildWorkflowHandle<typeof instanceWorkflow>> {
  const { id, fleet, job, searchable, budgetAccounts } = order;
  const place = job.resources.nodes === 1 ? '' : `, node ${node}`;
  return startChild(instanceWorkflow, {
    workflowId: ownerIdOf(instanceName),
    // An instance name is used once, even if the run is reset and counts its instances from the start.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // Survives this workflow's termination: it is asked to cancel, and tears down.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `${offer.gpuCount} × ${offer.gpu} at ${offer.vendor} for run ${id}${place}`,
    memo: { run: id, fleet },
    args: [{ instanceName, run: id, offer, ...allowance, ...request, budgetAccounts, searchable }],
  });
}
