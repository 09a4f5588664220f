import {
  type InstanceEnd,
  type InstanceRequest,
  LeaseQueue,
  type LeaseShare,
  type LeaseUse,
  type LeaseUser,
  type QueuedUse,
} from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { closing, onInstance } from './activity-proxies.ts';
import { handleSignal, hasShape, isAmount, isExecution, isOptional, isWorkflowId } from './handle-signal.ts';
import { leaseShareSignal, leaveLeaseSignal, useLeaseSignal } from './lease-messages.ts';
import { nameOfLease } from './lease-name.ts';
import type { LeaseTime } from './lease-time.ts';
import { OrderedSignals } from './ordered-signals.ts';
import type { Ownership } from './ownership.ts';
import { readyInstance } from './ready-instance.ts';

/** How long runs have to end and to collect their files before the lease ends, and what part of a short lease that is at most. */
const notice = { ms: 120_000, part: 0.1 };
/** Events after which no further run is served. Each run adds about 30, and Temporal ends a workflow with 51,200. */
const mostEvents = 20_000;

/**
 * The runs that use a lease. {@link LeaseQueue} decides who gets which GPUs. A run that has ended is evicted from the instance before others
 * get its GPUs, whether it said so or was found to be closed: a run that was terminated says nothing.
 */
export class LeaseUsers {
  readonly #request: InstanceRequest;
  readonly #ownership: Ownership;
  readonly #time: LeaseTime;
  readonly #queue: LeaseQueue;
  /** What each run was last sent, as JSON. */
  readonly #sent = new WeakMap<QueuedUse, string>();
  readonly #signals = new WeakMap<QueuedUse, OrderedSignals>();
  readonly #evicting = new Set<QueuedUse>();
  /** Present once the lease ends, and shortly before. */
  #ending: LeaseShare | undefined;

  constructor(request: InstanceRequest, ownership: Ownership, time: LeaseTime) {
    this.#request = request;
    this.#ownership = ownership;
    this.#time = time;
    this.#queue = new LeaseQueue(request.offer.gpuCount);
    handleSignal(
      useLeaseSignal,
      hasShape({ ...user, gpus: isOptional(isAmount) }),
      (use) => this.#add(use),
      'From a run: it wants GPUs of the lease. It gets them, or a place in the queue, by a signal.',
    );
    handleSignal(
      leaveLeaseSignal,
      hasShape(user),
      (user) => this.#leave(user),
      'From a run that has ended: its GPUs are free once nothing of it runs on the instance any more.',
    );
  }

  /** Serves runs while the instance lasts. Without runs, it does nothing. */
  async during<T>(life: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    // They end with the scope only.
    for (const serve of [() => this.#tell(), () => this.#follow(), () => this.#evict(), () => this.#giveNotice()])
      scope.run(serve).catch(() => undefined);
    try {
      return await life();
    } finally {
      scope.cancel();
    }
  }

  /**
   * Tells all runs that the lease ends. If it was released, those that have GPUs get time to collect their files.
   * @param end Undefined if its workflow was cancelled.
   */
  async dismiss(end: InstanceEnd | undefined): Promise<void> {
    const message = `The lease ${this.#name} ended: ${wordsFor(end)}`;
    this.#ending = { state: 'ended', message };
    if (this.#queue.uses.length === 0) return;
    if (end?.why === 'released' && this.#hasRuns()) {
      this.#ending = { state: 'ending', message };
      await this.#send(this.#present());
      const left = this.#time.endsAt - Date.now();
      await condition(() => !this.#hasRuns(), Math.max(1, Math.min(notice.ms, left)));
      this.#ending = { state: 'ended', message };
    }
    await this.#send(this.#present());
  }

  /** Whether runs use the lease or wait for it. */
  get hasAny(): boolean {
    return this.#queue.uses.length > 0;
  }

  get #name(): string {
    return nameOfLease(this.#request);
  }

  get #canGrant(): boolean {
    return this.#ending === undefined && this.#ownership.facts.state === 'ready' && this.#queue.canGrant;
  }

  #hasRuns(): boolean {
    return this.#queue.uses.some(({ state }) => state === 'granted');
  }

  #add(use: LeaseUse): void {
    const refusal = this.#refusal() ?? this.#queue.add(use);
    if (refusal === undefined) return;
    signalsTo(use)
      .send(leaseShareSignal, { state: 'ended', message: refusal })
      .catch(() => undefined);
  }

  #refusal(): string | undefined {
    const { instanceName, deployment } = this.#request;
    if (workflowInfo().parent !== undefined || deployment !== undefined) return `${instanceName} is not a lease.`;
    if (this.#ownership.isEnding) return `The lease ${this.#name} has ended.`;
    if (this.#ending !== undefined && 'message' in this.#ending) return this.#ending.message;
    if (workflowInfo().historyLength < mostEvents) return undefined;
    return `The lease ${this.#name} has served as many runs as it can. Start another one.`;
  }

  /** Sends each run what has changed for it. */
  async #tell(): Promise<never> {
    for (;;) {
      await condition(() => this.#canGrant || this.#changed().length > 0);
      if (this.#canGrant) this.#queue.grant();
      this.#show();
      await this.#send(this.#changed());
    }
  }

  #changed(): readonly QueuedUse[] {
    return this.#present().filter((use) => this.#sent.get(use) !== JSON.stringify(this.#shareFor(use)));
  }

  async #send(uses: readonly QueuedUse[]): Promise<void> {
    await Promise.all(
      uses.map(async (use) => {
        const share = this.#shareFor(use);
        this.#sent.set(use, JSON.stringify(share));
        const signals = this.#signals.get(use) ?? signalsTo(use);
        this.#signals.set(use, signals);
        // It fails if the run has ended.
        await signals.send(leaseShareSignal, share).catch(() => this.#leave(use));
      }),
    );
  }

  #shareFor(use: QueuedUse): LeaseShare {
    if (this.#ending !== undefined) return this.#ending;
    const instance = readyInstance(this.#ownership.facts);
    if (use.share !== undefined && instance !== undefined) {
      const { instanceId } = this.#ownership.facts;
      return { state: 'granted', instance: { ...instance, instanceId }, share: use.share };
    }
    return { state: 'waiting', behind: this.#queue.behind(use), until: new Date(this.#time.endsAt).toISOString() };
  }

  /** Finds runs that ended without a word. */
  async #follow(): Promise<never> {
    for (;;) {
      await condition(() => this.#present().length > 0);
      const followed = this.#present();
      const isNew = (use: QueuedUse) => !followed.includes(use);
      const scope = new CancellationScope();
      const closed = await scope.run(() =>
        Promise.race([
          closing.awaitClosed(followed.map(({ run, execution }) => ({ workflowId: run, runId: execution }))),
          condition(() => this.#present().some(isNew) || this.#present().length === 0).then(() => []),
        ]),
      );
      scope.cancel();
      for (const { workflowId: run, runId: execution = '' } of closed) this.#leave({ run, execution });
    }
  }

  /** Ends the runs shortly before the TTL or `maxCost` of the lease is used up, so that their files come back. */
  async #giveNotice(): Promise<never> {
    const noticeMs = Math.min(notice.ms, this.#request.ttlSeconds * 1000 * notice.part);
    for (;;) {
      await condition(() => this.#queue.uses.length > 0);
      const { endsAt } = this.#time;
      const isOther = () => this.#time.endsAt !== endsAt;
      const left = endsAt - noticeMs - Date.now();
      if (left > 0 && (await condition(() => isOther() || this.#queue.uses.length === 0, left))) continue;
      const end = new Date(endsAt).toISOString();
      this.#ending = { state: 'ending', message: `The lease ${this.#name} ends at ${end}, by its TTL or maxCost.` };
      await condition(isOther);
      this.#ending = undefined;
    }
  }

  #present(): readonly QueuedUse[] {
    return this.#queue.uses.filter(({ state }) => state !== 'leaving');
  }

  async #evict(): Promise<never> {
    const isDue = (use: QueuedUse) => use.state === 'leaving' && !this.#evicting.has(use);
    for (;;) {
      await condition(() => this.#queue.uses.some(isDue));
      for (const use of this.#queue.uses.filter(isDue)) {
        this.#evicting.add(use);
        void this.#evictOne(use);
      }
    }
  }

  async #evictOne(use: QueuedUse): Promise<void> {
    const instance = readyInstance(this.#ownership.facts);
    try {
      if (instance !== undefined && use.share !== undefined)
        await onInstance.evictRun({ instance, folder: use.share.folder });
    } catch (error) {
      // The next run on the instance finds out whether it still answers.
      if (!isCancellation(error)) log.warn(`What ${use.run} left on the lease could not be removed`, { error });
    }
    this.#queue.evicted(use);
    this.#show();
  }

  #leave(user: LeaseUser): void {
    this.#queue.leave(user);
    this.#show();
  }

  #show(): void {
    const runs = this.#queue.uses.map(({ run, share }) => ({ run, gpus: share?.gpus }));
    if (runs.length === 0 && this.#ownership.facts.runs === undefined) return;
    this.#ownership.change({ runs: runs.length === 0 ? undefined : runs });
  }
}

const user = { run: isWorkflowId, execution: isExecution };

function signalsTo({ run, execution }: LeaseUser): OrderedSignals {
  return new OrderedSignals(run, execution);
}

function wordsFor(end: InstanceEnd | undefined): string {
  if (end === undefined) return 'its workflow was cancelled.';
  if (end.why === 'released') return 'it was released.';
  if (end.why === 'idle') return 'nobody used it for a while.';
  return end.why === 'cap-reached' ? 'its TTL is over, or its maxCost is used up.' : `${end.kind}: ${end.message}`;
}
