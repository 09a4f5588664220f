import { formatInstanceName, type Offer, orderedPricePerHour, type Vendor } from '@gpu-clouds/clouds/pure';
import {
  type FailureSummary,
  failurePolicies,
  type InstanceEnd,
  type InstanceFacts,
  instancesOf,
  type JobFacts,
  type JobFailure,
  type JobInstance,
  type JobOrder,
  type JobPhase,
  statusQueryName,
  stopSignalName,
} from '@gpu-clouds/jobs/contract';
import { type ApplicationFailure, defineQuery, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ReadyInstance, StepInput, StepResult } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { job as jobActivities, onInstance } from './activity-proxies.ts';
import { instanceChangedSignal } from './instance-messages.ts';
import type { JobNode } from './job-nodes.ts';
import { OfferMemory } from './offer-memory.ts';
import { type Allowance, allowanceFor, capReached } from './run-caps.ts';
import { stoppedEarly } from './run-outcome.ts';
import { RunRecord, timestamp } from './run-record.ts';

/** How a run stands, without what changes with the clock alone: `jobHandle(…).status()` adds seconds and dollars. */
export const statusQuery = defineQuery<JobFacts>(statusQueryName);
/** Asks a run to end its command, bring back its files and tear down. Sent twice, the first time counts. */
export const stopSignal = defineSignal(stopSignalName);

/** What one run knows: its instances, what it was asked, how far it is. The business itself is in `runJob`. */
export class JobRun {
  readonly record: RunRecord;
  readonly memory = new OfferMemory();
  readonly #instances = new Map<string, InstanceFacts>();
  /** Bytes of output, by node. */
  readonly #outputEnds: number[] = [];
  #commandBegan = false;

  /** @throws ApplicationFailure when the order is another workflow's: its instances would be named after that one, and taken for it. */
  constructor(order: JobOrder) {
    refuseOrderOfAnother(order);
    this.record = new RunRecord(order);
    setHandler(statusQuery, () => this.record.facts, {
      description: 'How the run stands: its phase, instances and what they cost an hour, and what failed before.',
    });
    setHandler(instanceChangedSignal, (facts) => this.#instanceChanged(facts), {
      description: 'From the owners of its instances, for the run alone: what has changed of one.',
    });
    const stop = () => this.record.change({ stopRequestedAt: this.record.facts.stopRequestedAt ?? timestamp() });
    setHandler(stopSignal, stop, {
      description:
        'Asks the command to end, then brings back its files and destroys the instances. Cancelling ends all at once.',
    });
  }

  get order(): JobOrder {
    return this.record.order;
  }

  enter(phase: JobPhase): void {
    this.record.enter(phase);
    if (phase === 'running') this.#commandBegan = true;
  }

  /**
   * What each instance of the offer may use up.
   * @throws ApplicationFailure when the caps leave no time for them, or the run was stopped.
   */
  beginInstances(offer: Offer): Allowance {
    if (this.stopRequested) throw stoppedEarly();
    const { job } = this.order;
    const price = orderedPricePerHour(offer, job.resources.storage);
    const allowance = allowanceFor(job, this.record.facts.instances, price);
    this.enter('creating');
    return allowance;
  }

  /** Takes the next instance name. */
  addInstance(offer: Offer, node: number, { ttlSeconds }: Allowance): JobInstance {
    const { id, fleet, job } = this.order;
    const ordinal = this.record.facts.instances.length;
    const instanceName = formatInstanceName({ fleet, run: id, ordinal, deadline: Date.now() + ttlSeconds * 1000 });
    const pricePerHour = orderedPricePerHour(offer, job.resources.storage);
    const instance = { instanceName, node, offer, pricePerHour, since: timestamp() };
    this.record.addInstance(instance);
    return instance;
  }

  /** AMD's have no nvidia-smi. */
  #expectedGpus(node: number): StepInput['gpus'] {
    const { offer } = instancesOf(this.record.facts).find((instance) => instance.node === node) ?? {};
    if (offer === undefined || offer.gpu.startsWith('MI')) return undefined;
    return { count: offer.gpuCount, hasDriver: this.order.job.resources.image === undefined };
  }

  readyInstance(instanceName: string): ReadyInstance | undefined {
    const { ssh, hostKey, secretId } = this.#instances.get(instanceName) ?? {};
    return ssh === undefined || hostKey === undefined ? undefined : { instanceName, ssh, hostKey, secretId };
  }

  /** Runs a script on a node; its output goes behind all that there is of that node. */
  async step({ node, instance, env }: JobNode, step: 'setup' | 'command', script: string): Promise<number> {
    const { id, job } = this.order;
    // What a lost instance had written is known to the store only.
    const outputOffset = Math.max(this.#outputEnds[node] ?? 0, await jobActivities.outputSize(id, node));
    const result: StepResult = await onInstance.runStep({
      run: id,
      node,
      instance: instance,
      step,
      script,
      env: { ...env, ...job.env },
      secrets: job.secrets,
      outputOffset,
      maxOutput: job.limits.maxOutput,
      // Once on each instance, before anything else runs.
      gpus: step === 'command' && job.setup !== undefined ? undefined : this.#expectedGpus(node),
    });
    this.#outputEnds[node] = outputOffset + result.bytes;
    if (result.exitCode === undefined) throw withoutExitCode(step, instance, result);
    return result.exitCode;
  }

  /** Instances before the present ones may have left a checkpoint. */
  get beginsAgain(): boolean {
    return this.record.facts.instances.some(({ until }) => until !== undefined);
  }

  restored(savedAt: string): void {
    this.record.change({ restoredFrom: savedAt });
  }

  setupEnded(exitCode: number): void {
    this.record.change({ setupExitCode: exitCode });
  }

  commandEnded(exitCode: number): void {
    this.record.change({ exitCode });
  }

  get stopRequested(): boolean {
    return this.record.facts.stopRequestedAt !== undefined;
  }

  /** There is a command to ask, or one that has ended and whose files are to be brought back. */
  get commandBegan(): boolean {
    return this.#commandBegan;
  }

  noteCloudFailure(vendor: Vendor, summary: FailureSummary): void {
    this.#noteFailure({ vendor, ...summary });
  }

  /** @throws ApplicationFailure when the instance's end ends the job. */
  noteEnd(offer: Offer, end: Exclude<InstanceEnd, { readonly why: 'released' }>): void {
    if (end.why === 'cap-reached') throw capReached(this.order.job);
    // Lost with the instances.
    this.#commandBegan = false;
    const { message } = end;
    const kind = end.kind === 'lost' && offer.spot ? 'preempted' : end.kind;
    this.#noteFailure({ vendor: offer.vendor, offer, kind, message });
    if (failurePolicies[kind].next === 'end-run') throw finalFailure(kind, message);
  }

  #instanceChanged(facts: InstanceFacts): void {
    this.#instances.set(facts.instanceName, facts);
    const { instanceId, ssh, pricePerHour, pricedSince, teardownStuckSince, begins } = facts;
    this.record.repriceInstance(facts.instanceName, pricePerHour, pricedSince);
    this.record.changeInstance(facts.instanceName, {
      instanceId,
      ssh,
      teardownStuckSince,
    });
    if (this.record.facts.phase === 'creating' && this.#allCreated()) this.enter('booting');
    if (begins !== undefined && this.record.instance(facts.instanceName)?.until === undefined) this.enter(begins);
  }

  #allCreated(): boolean {
    const states = instancesOf(this.record.facts).map(({ instanceName }) => this.#instances.get(instanceName)?.state);
    return states.every((state) => state === 'booting' || state === 'ready');
  }

  #noteFailure(failure: Omit<JobFailure, 'at'>): void {
    this.memory.note(failure);
    this.record.noteFailure(failure);
  }
}

function refuseOrderOfAnother({ id }: JobOrder): void {
  const { workflowId } = workflowInfo();
  if (id === workflowId) return;
  throw finalFailure(
    'invalid',
    `The order is for the run "${id}", but its workflow is "${workflowId}": start it with the same id.`,
  );
}

function withoutExitCode(
  step: string,
  { instanceName }: ReadyInstance,
  { saidInstead, vanished = 'killed', kernelSays }: StepResult,
): ApplicationFailure {
  if (saidInstead !== undefined) {
    const message = `The ${step} on ${instanceName} left "${saidInstead}" in the place of its exit code, which is a whole number from 0 to 255.`;
    return finalFailure('invalid-exit-code', message);
  }
  const kernel = kernelSays === undefined ? '' : ` The kernel's log says: ${kernelSays}`;
  const message = `The ${step} ended on ${instanceName} without an exit code: ${vanishReasons[vanished]}${kernel}`;
  return finalFailure('vanished', message);
}

const vanishReasons = {
  rebooted: 'the instance was rebooted.',
  'out-of-memory': 'the instance ran out of memory, and its kernel killed processes.',
  killed: 'it was killed together with the shell that ran it.',
} as const;
