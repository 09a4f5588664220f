import { instanceLabel, type Offer, orderedPricePerHour, type Vendor } from '@gpu-clouds/clouds/pure';
import {
  type InstanceEnd,
  type InstanceFacts,
  type JobFacts,
  type JobFailure,
  type JobOrder,
  type JobPhase,
  type JobRental,
  machinesOf,
  statusQueryName,
  stopSignalName,
} from '@gpu-clouds/jobs/contract';
import { ApplicationFailure, defineQuery, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Machine, StepResult } from '../activities/contract.ts';
import { job as jobActivities, onMachine } from './activity-proxies.ts';
import type { FailureStory } from './failure-story.ts';
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

/** Another machine would fail in the same way. */
const endsTheJob: ReadonlySet<string> = new Set(['invalid', 'funds', 'price-exceeded']);

/** What one run knows: its machines, what it was asked, how far it is. The business itself is in `runJob`. */
export class JobRun {
  readonly order: JobOrder;
  readonly record: RunRecord;
  readonly memory = new OfferMemory();
  readonly #machines = new Map<string, InstanceFacts>();
  /** Bytes of output, by node. */
  readonly #outputEnds: number[] = [];
  #commandBegan = false;

  /** @throws ApplicationFailure when the order is another workflow's: its machines would be named after that one, and taken for it. */
  constructor(order: JobOrder) {
    refuseOrderOfAnother(order);
    this.order = order;
    this.record = new RunRecord(order);
    setHandler(statusQuery, () => this.record.facts, {
      description: 'How the run stands: its phase, machines and what they cost an hour, and what failed before.',
    });
    setHandler(instanceChangedSignal, (facts) => this.#instanceChanged(facts), {
      description: 'From the owners of its machines, for the run alone: what has changed of one.',
    });
    const stop = () => this.record.change({ stopRequestedAt: this.record.facts.stopRequestedAt ?? timestamp() });
    setHandler(stopSignal, stop, {
      description:
        'Asks the command to end, then brings back its files and destroys the machines. Cancelling ends all at once.',
    });
  }

  enter(phase: JobPhase): void {
    this.record.enter(phase);
    if (phase === 'running') this.#commandBegan = true;
  }

  /**
   * What each machine of the offer may use up.
   * @throws ApplicationFailure when the caps leave no time for them, or the run was stopped.
   */
  beginRentals(offer: Offer): Allowance {
    if (this.stopRequested) throw stoppedEarly();
    const { job } = this.order;
    const price = orderedPricePerHour(offer, job.resources.storage);
    const allowance = allowanceFor(job, this.record.facts.rentals, price);
    this.enter('creating');
    return allowance;
  }

  /** Takes the next label. */
  addRental(offer: Offer, node: number): JobRental {
    const { id, deployment, job } = this.order;
    const label = instanceLabel({ deployment, run: id, ordinal: this.record.facts.rentals.length });
    const pricePerHour = orderedPricePerHour(offer, job.resources.storage);
    const rental = { label, node, offer, pricePerHour, since: timestamp() };
    this.record.addRental(rental);
    return rental;
  }

  readyMachine(label: string): Machine | undefined {
    const { ssh, hostKey } = this.#machines.get(label) ?? {};
    return ssh === undefined || hostKey === undefined ? undefined : { label, ssh, hostKey };
  }

  /** Runs a script on a node; its output goes behind all that there is of that node. */
  async step({ node, machine, env }: JobNode, step: 'setup' | 'command', script: string): Promise<number> {
    const { id, job } = this.order;
    // What a lost machine had written is known to the store only.
    const outputOffset = Math.max(this.#outputEnds[node] ?? 0, await jobActivities.outputSize(id, node));
    const result: StepResult = await onMachine.runStep({
      run: id,
      node,
      machine,
      step,
      script,
      env: { ...env, ...job.env },
      secrets: job.secrets,
      outputOffset,
    });
    this.#outputEnds[node] = outputOffset + result.bytes;
    if (result.exitCode === undefined) throw withoutExitCode(step, machine, result);
    return result.exitCode;
  }

  /** Machines before the present ones may have left a checkpoint. */
  get beginsAgain(): boolean {
    return this.record.facts.rentals.some(({ until }) => until !== undefined);
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

  noteCloudFailure(vendor: Vendor, story: FailureStory): void {
    this.#noteFailure({ vendor, ...story });
  }

  /** @throws ApplicationFailure when the machine's end ends the job. */
  noteEnd(offer: Offer, end: Exclude<InstanceEnd, { readonly why: 'released' }>): void {
    if (end.why === 'cap-reached') throw capReached(this.order.job);
    // Lost with the machines.
    this.#commandBegan = false;
    const { message } = end;
    const kind = end.kind === 'lost' && offer.spot ? 'preempted' : end.kind;
    this.#noteFailure({ vendor: offer.vendor, offer, kind, message });
    if (endsTheJob.has(kind)) throw ApplicationFailure.nonRetryable(message, kind);
  }

  #instanceChanged(facts: InstanceFacts): void {
    this.#machines.set(facts.label, facts);
    const { instanceId, ssh, pricePerHour, pricedSince, teardownStuckSince, begins } = facts;
    this.record.repriceRental(facts.label, pricePerHour, pricedSince);
    this.record.changeRental(facts.label, {
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(ssh === undefined ? {} : { ssh }),
      ...(teardownStuckSince === undefined ? {} : { teardownStuckSince }),
    });
    if (this.record.facts.phase === 'creating' && this.#allCreated()) this.enter('booting');
    if (begins !== undefined && this.record.rental(facts.label)?.until === undefined) this.enter(begins);
  }

  #allCreated(): boolean {
    const states = machinesOf(this.record.facts).map(({ label }) => this.#machines.get(label)?.state);
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
  throw ApplicationFailure.nonRetryable(
    `The order is for the run "${id}", but its workflow is "${workflowId}": start it with the same id.`,
    'invalid',
  );
}

function withoutExitCode(step: string, { label }: Machine, { saidInstead }: StepResult): ApplicationFailure {
  if (saidInstead !== undefined) {
    const message = `The ${step} on ${label} left "${saidInstead}" in the place of its exit code, which is a whole number from 0 to 255.`;
    return ApplicationFailure.nonRetryable(message, 'invalid-exit-code');
  }
  const message = `The ${step} vanished from ${label} without an exit code: it was restarted, or ran out of memory.`;
  return ApplicationFailure.nonRetryable(message, 'vanished');
}
