import { formatInstanceName, maxPriceFor, type Offer, orderedPricePerHour, type Vendor } from '@gpu-clouds/clouds/pure';
import {
  durationSeconds,
  type FailureSummary,
  failurePolicies,
  type IdleGpus,
  type InstanceEnd,
  type InstanceFacts,
  type InstanceJob,
  idleGpusSignalName,
  instancesOf,
  type Job,
  type JobFacts,
  type JobFailure,
  type JobInstance,
  type JobOrder,
  type JobPhase,
  latestAttemptOf,
  offerConstraints,
  statusQueryName,
  stopSignalName,
} from '@gpu-clouds/jobs/contract';
import { type ApplicationFailure, defineQuery, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ReadyInstance, StepInput, StepResult } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { job as jobActivities, onInstance } from './activity-proxies.ts';
import { firstReservation } from './budget-share.ts';
import { EarlierInstances } from './earlier-instances.ts';
import { handleSignal, hasShape, isAmount, isOneOf, isOptional, isText } from './handle-signal.ts';
import { instanceChangedSignal } from './instance-messages.ts';
import type { JobNode } from './job-nodes.ts';
import { OfferMemory } from './offer-memory.ts';
import { type Allowance, allowanceFor, capReached } from './run-caps.ts';
import { stoppedEarly } from './run-outcome.ts';
import { RunRecord, timestamp } from './run-record.ts';

/** The state of a run, without what changes with time alone: `jobHandle(…).status()` adds seconds and dollars. */
export const statusQuery = defineQuery<JobFacts>(statusQueryName);
/** Asks a run to end its command, collect its files, and destroy its instances. Only the first one counts. */
export const stopSignal = defineSignal(stopSignalName);
/** From a worker that follows a command: the GPUs of a node were idle for as long as the job allows. */
export const idleGpusSignal = defineSignal<[IdleGpus]>(idleGpusSignalName);

/** The state of one run: its instances, its requests, and its progress. */
export class JobRun<J extends Job = Job> {
  readonly record: RunRecord<J>;
  readonly memory = new OfferMemory();
  readonly earlier: EarlierInstances;
  readonly #instances = new Map<string, InstanceFacts>();
  /** Bytes of output, by attempt and node. */
  readonly #outputEnds = new Map<string, number>();
  #commandBegan = false;
  #commandsBegun = 0;
  #latestReservation = { dollars: 0, pricePerHour: 0 };

  /** @throws ApplicationFailure `invalid`: the order is for another workflow, whose instance names its instances would get. */
  constructor(order: JobOrder<J>) {
    refuseOrderOfAnother(order);
    this.record = new RunRecord(order);
    this.earlier = new EarlierInstances(this.record, (instanceName) => this.instanceFacts(instanceName));
    setHandler(statusQuery, () => ({ phases: this.record.bill().phases, ...this.record.facts }), {
      description: 'The state of the run: its phase, its instances and their prices per hour, and what failed before.',
    });
    handleSignal(
      instanceChangedSignal,
      areFacts,
      (facts) => this.#instanceChanged(facts),
      'From the owners of its instances: the state of one has changed.',
    );
    const stop = () => this.record.change({ stopRequestedAt: this.record.facts.stopRequestedAt ?? timestamp() });
    setHandler(stopSignal, stop, {
      description:
        'Asks the command to end, then collects its files and destroys the instances. Cancelling destroys them at once.',
    });
    handleSignal(
      idleGpusSignal,
      hasShape({ node: isAmount, instanceName: isText, since: isText }),
      (idleGpus) => this.record.change({ idleGpus }),
      'From a worker: the GPUs of a node were idle for as long as limits.idleGpu allows.',
    );
  }

  get order(): JobOrder<J> {
    return this.record.order;
  }

  enter(phase: JobPhase): void {
    this.record.enter(phase);
    if (phase === 'running') this.#commandsBegun += 1;
    // A container cannot be asked to end its job: a stop destroys the job deployment at once.
    if (phase === 'running') this.#commandBegan = this.order.job.mode === 'instance';
  }

  /**
   * Begins to rent instances of the offer, and returns the limits of each.
   * @throws ApplicationFailure `cap-reached` or `stopped`
   */
  beginInstances(offer: Offer): Allowance {
    if (this.stopRequested) throw stoppedEarly();
    const price = this.#orderedPrice(offer);
    const { instances } = this.record.facts;
    const waitedMs = this.record.waitedMs + this.earlier.pausedMs;
    const maxPrice = maxPriceFor(offer, offerConstraints(this.order.job));
    const allowance = allowanceFor(this.order.job, maxPrice, { instances, waitedMs }, price);
    const { nodes } = this.order.job.resources;
    this.#latestReservation = { dollars: nodes * firstReservation(allowance, price), pricePerHour: nodes * price };
    this.enter('creating');
    return allowance;
  }

  /** What the instances that the run last began to rent reserve of the budget, in US dollars. */
  get latestReservation(): { readonly dollars: number; readonly pricePerHour: number } {
    return this.#latestReservation;
  }

  /** Records an instance under the next instance name. */
  addInstance(offer: Offer, node: number, { ttlSeconds }: Allowance): JobInstance {
    const { id, fleet } = this.order;
    const ordinal = this.record.facts.instances.length;
    const instanceName = formatInstanceName({ fleet, run: id, ordinal, deadline: Date.now() + ttlSeconds * 1000 });
    const instance = { instanceName, node, offer, pricePerHour: this.#orderedPrice(offer), since: timestamp() };
    this.record.addInstance(instance);
    return instance;
  }

  /** What the owner of an instance last emitted. */
  instanceFacts(instanceName: string): InstanceFacts | undefined {
    return this.#instances.get(instanceName);
  }

  /** Runs a script on a node, and appends its output to the node's output. */
  async step(
    this: JobRun<InstanceJob>,
    { node, instance, env }: JobNode,
    step: StepInput['step'],
    script: string,
  ): Promise<number> {
    const { id, job } = this.order;
    const { idleGpu } = job.limits;
    const { attempt } = this;
    const output = `${attempt}/${node}`;
    // Only the run store knows how much a lost instance had written.
    const stored = await jobActivities.outputSize(id, node, attempt);
    const outputOffset = Math.max(this.#outputEnds.get(output) ?? 0, stored);
    const result: StepResult = await onInstance.runStep({
      run: id,
      node,
      instance,
      step,
      attempt,
      script,
      ...variablesOf(job, step, env),
      container: job.container,
      tty: step === 'command' ? job.tty : undefined,
      outputOffset,
      maxOutput: job.limits.maxOutput,
      // Before anything else runs on the instance, and before each further attempt: a broken GPU may be why the command failed.
      gpus: step === firstStep(job) || attempt > 1 ? this.expectedGpus(node) : undefined,
      vendor: this.record.instance(instance.instanceName)?.offer.vendor,
      idleGpu: idleGpu && { below: idleGpu.below, forSeconds: durationSeconds(idleGpu.for) },
    });
    if (result.idleSeconds !== undefined) this.record.addIdleTime(result.idleSeconds);
    this.#outputEnds.set(output, outputOffset + result.bytes);
    if (result.exitCode === undefined) throw withoutExitCode(step, instance, result);
    return result.exitCode;
  }

  /** What `nvidia-smi` must show on a node. Returns undefined for GPUs of AMD, which have no `nvidia-smi`. */
  expectedGpus(this: JobRun<InstanceJob>, node: number): StepInput['gpus'] {
    const { offer } = instancesOf(this.record.facts).find((instance) => instance.node === node) ?? {};
    if (offer === undefined || offer.gpu.startsWith('MI')) return undefined;
    return { count: offer.gpuCount, hasDriver: this.order.job.resources.image === undefined };
  }

  /** The current attempt of the command, from 1. */
  get attempt(): number {
    return latestAttemptOf(this.record.facts);
  }

  /** Lets the run list offers again after its instances are released, for the next attempt of the command. */
  beginElsewhere(): void {
    this.#commandBegan = false;
    this.memory.restart();
  }

  /** Whether earlier instances may have left a checkpoint. */
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

  /** Whether the run ends for its idle GPUs. Those of an instance that is gone do not count to the next one. */
  get isTooIdle(): boolean {
    const { job } = this.order;
    const { idleGpus } = this.record.facts;
    if (job.mode !== 'instance' || job.limits.idleGpu?.then !== 'stop' || idleGpus === undefined) return false;
    return instancesOf(this.record.facts).some(({ instanceName }) => instanceName === idleGpus.instanceName);
  }

  /** Why the lease of the run ends soon, in one sentence. Undefined while it does not. */
  leaseEnding: string | undefined;

  get stopRequested(): boolean {
    return this.record.facts.stopRequestedAt !== undefined;
  }

  /** Whether a command runs that can be asked to end, or has ended and its files are not collected yet. */
  get commandBegan(): boolean {
    return this.#commandBegan;
  }

  /** How often the run has come as far as its command, on whichever instances. */
  get commandsBegun(): number {
    return this.#commandsBegun;
  }

  noteCloudFailure(vendor: Vendor, summary: FailureSummary): void {
    this.#noteFailure({ vendor, ...summary });
  }

  /** @throws ApplicationFailure The failure ends the run. */
  noteEnd(offer: Offer, end: Exclude<InstanceEnd, { readonly why: 'released' | 'idle' }>): void {
    if (end.why === 'cap-reached') throw capReached(this.order.job);
    // The command was lost with the instance.
    this.#commandBegan = false;
    const { message } = end;
    const kind = end.kind === 'lost' && offer.spot ? 'preempted' : end.kind;
    this.#noteFailure({ vendor: offer.vendor, offer, kind, message });
    if (failurePolicies[kind].next === 'end-run') throw finalFailure(kind, message);
  }

  #orderedPrice(offer: Offer): number {
    const { job } = this.order;
    return orderedPricePerHour(offer, job.mode === 'instance' ? job.resources.storage : undefined);
  }

  #instanceChanged(facts: InstanceFacts): void {
    this.#instances.set(facts.instanceName, facts);
    this.earlier.notice(facts.instanceName);
    const { instanceId, ssh, pricePerHour, pricedSince, teardownStuckSince, accountSuspectSince } = facts;
    this.record.repriceInstance(facts.instanceName, pricePerHour, pricedSince);
    this.record.changeInstance(facts.instanceName, {
      instanceId,
      ssh,
      runningSince:
        ssh === undefined ? undefined : (this.record.instance(facts.instanceName)?.runningSince ?? timestamp()),
      teardownStuckSince,
      accountSuspectSince,
    });
    const isCreating = this.record.facts.phase === 'creating' && facts.state !== 'destroying';
    if (isCreating && this.#allCreated()) this.enter('booting');
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

const areFacts = hasShape({
  instanceName: isText,
  state: isOneOf('creating', 'booting', 'ready', 'destroying'),
  instanceId: isOptional(isText),
  ssh: isOptional(hasShape({ host: isText, port: isAmount, user: isText })),
  pricePerHour: isAmount,
  pricedSince: isOptional(isText),
  teardownStuckSince: isOptional(isText),
  accountSuspectSince: isOptional(isText),
});

/** Narrows a run to the mode of its job. */
export function hasMode<M extends Job['mode']>(
  run: JobRun,
  mode: M,
): run is JobRun<Extract<Job, { readonly mode: M }>> {
  return run.order.job.mode === mode;
}

function refuseOrderOfAnother({ id }: JobOrder): void {
  const { workflowId } = workflowInfo();
  if (id === workflowId) return;
  throw finalFailure(
    'invalid',
    `The order is for the run "${id}", but its workflow is "${workflowId}": start it with the same id.`,
  );
}

function firstStep({ container, setup }: InstanceJob): StepInput['step'] {
  if (container !== undefined) return 'container';
  return setup === undefined ? 'command' : 'setup';
}

/** Only the step that pulls the image gets the registry's credentials, and it gets nothing else. */
function variablesOf(
  { container, env, secrets }: InstanceJob,
  step: StepInput['step'],
  nodeEnv: JobNode['env'],
): Pick<StepInput, 'env' | 'secrets'> {
  if (step !== 'container') return { env: { ...nodeEnv, ...env }, secrets };
  return { env: {}, secrets: container?.registryAuth === undefined ? [] : [container.registryAuth] };
}

function withoutExitCode(
  step: string,
  { instanceName }: ReadyInstance,
  { saidInstead, vanished = 'killed', kernelSays }: StepResult,
): ApplicationFailure {
  if (saidInstead !== undefined) {
    const message = `The ${step} on ${instanceName} left "${saidInstead}" instead of an exit code from 0 to 255.`;
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
