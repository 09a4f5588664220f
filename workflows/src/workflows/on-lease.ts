import type { JobResult, LeaseShare } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Prepared } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { closing } from './activity-proxies.ts';
import { handleSignal, hasShape, isAmount, isListOf, isOneOf, isText } from './handle-signal.ts';
import { doJob } from './instance-mode.ts';
import { nodesOf } from './job-nodes.ts';
import { hasMode, type JobRun } from './job-run.ts';
import { leaseShareSignal, leaveLeaseSignal, useLeaseSignal } from './lease-messages.ts';
import { OrderedSignals } from './ordered-signals.ts';
import { prepared } from './ranked-offers.ts';
import { capReached } from './run-caps.ts';
import { resultOf } from './run-outcome.ts';
import { timestamp } from './run-record.ts';
import { within } from './stopping.ts';

const isWaiting = hasShape({ state: isOneOf('waiting'), behind: isListOf(isText), until: isText });
const isGranted = hasShape({
  state: isOneOf('granted'),
  instance: hasShape({
    instanceName: isText,
    ssh: hasShape({ host: isText, port: isAmount, user: isText }),
    hostKey: isText,
  }),
  share: hasShape({ folder: isText, gpus: isListOf(isAmount) }),
});
const isEnding = hasShape({ state: isOneOf('ending', 'ended'), message: isText });
const isShare = (share: unknown) => isWaiting(share) || isGranted(share) || isEnding(share);

type Lease = NonNullable<Prepared['lease']>;
type Granted = Extract<LeaseShare, { readonly state: 'granted' }>;

/**
 * Runs the job on the instance of a lease, once the lease has GPUs for it. The lease continues afterwards.
 * @throws ApplicationFailure `lease-ended`, or what the job fails with. A failure of the instance ends the run too.
 */
export async function runOnLease(run: JobRun, id: string): Promise<JobResult> {
  const { lease } = await prepared(run);
  if (lease === undefined || !hasMode(run, 'instance'))
    throw finalFailure('invalid', 'Such a job cannot run on a lease.');
  const use = new UseOfLease(run, id, lease);
  try {
    return await use.whileItLasts(async () => {
      const { instance, share } = await use.granted();
      const { maxDuration } = run.order.job.limits;
      const nodes = nodesOf([{ ...instance, share }], share.gpus.length);
      const done = await within(maxDuration, capReached(run.order.job), () => doJob(run, nodes));
      // Only a job that goes on elsewhere has none, which was refused before.
      if (done === undefined) throw finalFailure('invalid', 'A lease has no other instance.');
      return resultOf(run.record, lease.offer, done);
    });
  } finally {
    await use.leave();
  }
}

/** A run's use of a lease, from its place in the queue to its end. */
class UseOfLease {
  readonly #run: JobRun;
  readonly #id: string;
  readonly #lease: Lease;
  readonly #toLease: OrderedSignals;
  #asked = false;
  #latest: LeaseShare | undefined;
  #granted: Granted | undefined;
  /** Why the run cannot use the lease any more, in one sentence. */
  #ended: string | undefined;

  constructor(run: JobRun, id: string, lease: Lease) {
    this.#run = run;
    this.#id = id;
    this.#lease = lease;
    this.#toLease = new OrderedSignals(id);
    run.record.change({ lease: { id, name: lease.name } });
    handleSignal(
      leaseShareSignal,
      isShare,
      (share) => this.#take(share),
      'From the lease: what the run may use of it now.',
    );
  }

  /** Asks for GPUs, and waits until the run gets them. */
  async granted(): Promise<Granted> {
    const { runId: execution, workflowId: run } = workflowInfo();
    const { name, gpus } = this.#lease;
    this.#asked = true;
    await this.#toLease.send(useLeaseSignal, { run, execution, gpus }).catch(() => {
      throw finalFailure('lease-ended', `The lease ${name} has ended.`);
    });
    for (;;) {
      await condition(() => this.#granted !== undefined);
      if (this.#granted === undefined) continue;
      this.#begin(this.#granted);
      return this.#granted;
    }
  }

  /** Does work, and cancels it when the lease ends. @throws ApplicationFailure `lease-ended` */
  async whileItLasts<T>(work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    const end = (message: string) => {
      // The workflow of the lease closes while the work ends. The first reason is the cause.
      this.#ended ??= message;
      scope.cancel();
    };
    const watches = new CancellationScope();
    watches
      .run(async () => {
        await condition(
          () => this.#latest?.state === 'ended' || (this.#latest?.state === 'ending' && !this.#run.commandBegan),
        );
        if (this.#latest !== undefined && 'message' in this.#latest) end(this.#latest.message);
      })
      .catch(() => undefined);
    // A lease whose workflow was terminated says nothing.
    watches
      .run(() => closing.awaitClosed([{ workflowId: this.#id }]))
      .then(
        () => end(`The lease ${this.#lease.name} ended: its workflow has closed.`),
        () => undefined,
      );
    try {
      return await scope.run(work);
    } catch (error) {
      if (this.#ended === undefined || CancellationScope.current().consideredCancelled) throw error;
      throw finalFailure('lease-ended', this.#ended);
    } finally {
      watches.cancel();
    }
  }

  /** Lets others have the GPUs, even if this is cancelled. */
  async leave(): Promise<void> {
    const { runId: execution, workflowId: run } = workflowInfo();
    const { record } = this.#run;
    record.change({ waiting: undefined });
    if (this.#granted !== undefined) record.endUse(this.#granted.instance.instanceName);
    // The lease may have ended.
    await this.#toLease.send(leaveLeaseSignal, { run, execution }).catch(() => undefined);
  }

  /** Ignores signals that arrive before the run has asked. A reset delivers those of the earlier execution again, which the lease evicts. */
  #take(share: LeaseShare): void {
    if (!this.#asked) return;
    this.#latest = share;
    if (share.state === 'granted') this.#granted ??= share;
    if (share.state === 'ending') this.#run.leaseEnding = share.message;
    if (share.state === 'waiting') this.#wait(share.behind, share.until);
  }

  #wait(behind: readonly string[], until: string): void {
    const { record } = this.#run;
    const { name } = this.#lease;
    const message =
      behind.length === 0 ? `The lease ${name} is not ready.` : `Waits for ${behind.join(', ')} on the lease ${name}.`;
    const since = record.facts.waiting?.since ?? timestamp();
    record.change({ waiting: { reason: 'lease', since, until, message, place: behind.length + 1 } });
  }

  #begin({ instance, share }: Granted): void {
    const { record } = this.#run;
    const { instanceName, instanceId, ssh } = instance;
    record.change({ waiting: undefined, lease: { id: this.#id, name: this.#lease.name, gpus: share.gpus } });
    // The lease pays.
    const { offer } = this.#lease;
    record.addInstance({ instanceName, instanceId, ssh, offer, node: 0, pricePerHour: 0, since: timestamp() });
  }
}
