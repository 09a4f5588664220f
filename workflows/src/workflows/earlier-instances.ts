import { formatOwnerId, ownerIdOf, parseInstanceName } from '@gpu-clouds/clouds/pure';
import type { InstanceFacts, JobInstance, JobOrder } from '@gpu-clouds/jobs/contract';
import type { OwnedInstance } from '@gpu-clouds/jobs/worker';
import { CancellationScope, getExternalWorkflowHandle } from '@temporalio/workflow';
import { closing, job } from './activity-proxies.ts';
import { releaseSignal } from './instance-messages.ts';
import { destroyAbandoned } from './rentable.ts';
import { type RunRecord, timestamp } from './run-record.ts';

/**
 * What a run rented before it was reset. A reset delivers the signals of the owners again, so the run hears of them when it begins again. Each
 * instance is released at once, and counts to the bill and the caps.
 */
export class EarlierInstances {
  readonly #record: RunRecord;
  readonly #factsOf: (instanceName: string) => InstanceFacts | undefined;
  /** By the owner's id. Each resolves once the instance is gone and recorded. */
  readonly #settling = new Map<string, Promise<void>>();
  /** When the first one was noticed, in milliseconds since the epoch. */
  #resetAt: number | undefined;
  #latestEnd = 0;

  constructor(record: RunRecord, factsOf: (instanceName: string) => InstanceFacts | undefined) {
    this.#record = record;
    this.#factsOf = factsOf;
  }

  /** Releases an instance that the run does not know, and records it. */
  notice(instanceName: string): void {
    const { order } = this.#record;
    if (this.#record.instance(instanceName) !== undefined || !belongsTo(order, instanceName)) return;
    void this.#settle(instanceName, (instance) => this.#record.addInstance(instance));
  }

  /** Releases an instance, and records it in the place of one that could not be rented because its owner existed. Waits until it is gone. */
  replace(instanceName: string): Promise<void> {
    return this.#settle(instanceName, (instance) => this.#record.changeInstance(instanceName, instance));
  }

  /** Waits until all of them are gone. */
  async settled(): Promise<void> {
    // More may be noticed meanwhile.
    for (const gone of this.#settling.values()) await gone;
  }

  /** Milliseconds from the end of the latest one until the reset. They do not count to the caps. */
  get pausedMs(): number {
    return this.#resetAt === undefined ? 0 : Math.max(0, this.#resetAt - this.#latestEnd);
  }

  #settle(instanceName: string, record: (instance: JobInstance) => void): Promise<void> {
    this.#resetAt ??= Date.now();
    const owner = ownerIdOf(instanceName);
    const settling = this.#settling.get(owner) ?? CancellationScope.nonCancellable(() => this.#end(owner, record));
    this.#settling.set(owner, settling);
    return settling;
  }

  /** Does nothing if the owner is not one of the run. */
  async #end(owner: string, record: (instance: JobInstance) => void): Promise<void> {
    const { id: run } = this.#record.order;
    // One that has ended does not get it. An owner of another run ignores it.
    await getExternalWorkflowHandle(owner)
      .signal(releaseSignal, { run })
      .catch(() => undefined);
    const before = await job.earlierInstance({ owner, run });
    if (!before) return;
    // At once, so that its cost and its alarms are shown while its teardown lasts.
    record(this.#instanceOf(owner, before));
    if (before.until === undefined) await closing.awaitClosed([{ workflowId: owner }]);
    const ended = before.until === undefined ? await job.earlierInstance({ owner, run }) : before;
    if (!ended) return;
    const instance = this.#instanceOf(owner, ended);
    const found = ended.isAbandoned ? await destroyAbandoned(instance, ended.isDeployment) : undefined;
    const instanceId = instance.instanceId ?? found;
    // One without an id was never created and has cost nothing.
    const until = instanceId === undefined ? ended.since : ended.isAbandoned ? timestamp() : ended.until;
    this.#latestEnd = Math.max(this.#latestEnd, Date.parse(until ?? ended.since));
    this.#record.changeInstance(instance.instanceName, { ...instance, instanceId, until });
  }

  #instanceOf(owner: string, { isDeployment, isAbandoned, until, ...known }: OwnedInstance): JobInstance {
    const node = (parseInstanceName(owner)?.ordinal ?? 0) % this.#record.facts.nodes;
    const { instanceId, teardownStuckSince, accountSuspectSince } = this.#factsOf(known.instanceName) ?? {};
    return { ...known, node, instanceId, teardownStuckSince, accountSuspectSince };
  }
}

function belongsTo({ fleet, id: run }: JobOrder, instanceName: string): boolean {
  const { ordinal } = parseInstanceName(instanceName) ?? {};
  return ordinal !== undefined && formatOwnerId({ fleet, run, ordinal }) === ownerIdOf(instanceName);
}
