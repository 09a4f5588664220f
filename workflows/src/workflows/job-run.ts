import { instanceLabel, type Offer, type Vendor } from '@gpu-clouds/clouds/pure';
import { ApplicationFailure, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import type { Machine, StepResult } from '../activities/contract.ts';
import type { JobFacts, JobFailure, JobPhase } from '../job-status.ts';
import { type JobOrder, statusQueryName, stopSignalName } from '../workflow-api.ts';
import { job as jobActivities, onMachine } from './activity-proxies.ts';
import type { FailureStory } from './failure-story.ts';
import { type InstanceEnd, type InstanceFacts, instanceChangedSignal } from './instance-api.ts';
import { OfferMemory } from './offer-memory.ts';
import { type Allowance, allowanceFor, capReached } from './run-caps.ts';
import { stoppedEarly } from './run-outcome.ts';
import { RunRecord, timestamp } from './run-record.ts';

export const statusQuery = defineQuery<JobFacts>(statusQueryName);
export const stopSignal = defineSignal(stopSignalName);

/** Another machine would fail in the same way. */
const endsTheJob: ReadonlySet<string> = new Set(['invalid', 'funds']);

/** What one run knows: its machines, what it was asked, how far it is. The business itself is in `runJob`. */
export class JobRun {
  readonly order: JobOrder;
  readonly record: RunRecord;
  readonly memory = new OfferMemory();
  readonly #machines = new Map<string, InstanceFacts>();
  #outputEnd = 0;
  #commandBegan = false;
  /** Asked to before the command had ended. */
  #stopped = false;

  constructor(order: JobOrder) {
    this.order = order;
    this.record = new RunRecord(order);
    setHandler(statusQuery, () => this.record.facts);
    setHandler(instanceChangedSignal, (facts) => this.#instanceChanged(facts));
    setHandler(stopSignal, () => {
      this.record.change({ stopRequestedAt: this.record.facts.stopRequestedAt ?? timestamp() });
    });
  }

  enter(phase: JobPhase): void {
    this.record.enter(phase);
    if (phase === 'running') this.#commandBegan = true;
  }

  /** @throws ApplicationFailure when the caps leave no time for another machine, or the run was stopped. */
  beginRental(offer: Offer): { readonly label: string; readonly allowance: Allowance } {
    if (this.stopRequested) throw stoppedEarly();
    const { rentals } = this.record.facts;
    const allowance = allowanceFor(this.order.job, rentals, offer.pricePerHour);
    const { id, deployment } = this.order;
    const label = instanceLabel({ deployment, run: id, ordinal: rentals.length });
    this.record.addRental({ label, offer, pricePerHour: offer.pricePerHour, since: timestamp() });
    this.enter('creating');
    return { label, allowance };
  }

  /** Milliseconds since the epoch. */
  rentedAt(label: string): number {
    return Date.parse(this.record.rental(label)?.since ?? timestamp());
  }

  readyMachine(label: string): Machine | undefined {
    const { ssh, hostKey } = this.#machines.get(label) ?? {};
    return ssh === undefined || hostKey === undefined ? undefined : { label, ssh, hostKey };
  }

  /** Runs a script on the machine; its output goes behind all that there is. */
  async step(machine: Machine, step: 'setup' | 'command', script: string): Promise<{ readonly exitCode: number }> {
    const { id, job } = this.order;
    // What a lost machine had written is known to the store only.
    const outputOffset = Math.max(this.#outputEnd, await jobActivities.outputSize(id));
    const result: StepResult = await onMachine.runStep({
      run: id,
      machine,
      step,
      script,
      env: job.env,
      secrets: job.secrets,
      outputOffset,
    });
    this.#outputEnd = outputOffset + result.bytes;
    if (result.exitCode === undefined) {
      throw ApplicationFailure.nonRetryable(
        `The ${step} vanished from the machine without an exit code: it was restarted, or ran out of memory.`,
        'vanished',
      );
    }
    return { exitCode: result.exitCode };
  }

  /** A machine before the present one may have left a checkpoint. */
  get beginsAgain(): boolean {
    return this.record.facts.rentals.length > 1;
  }

  restored(savedAt: string): void {
    this.record.change({ restoredFrom: savedAt });
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  setupEnded(exitCode: number): void {
    this.record.change({ setupExitCode: exitCode });
  }

  commandEnded(exitCode: number): void {
    this.#stopped = this.stopRequested;
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
  noteEnd(label: string, end: InstanceEnd): void {
    if (end.why === 'cap-reached') throw capReached(this.order.job);
    // Lost with the machine.
    this.#commandBegan = false;
    const offer = this.record.rental(label)?.offer;
    if (offer === undefined) return;
    const story = end.why === 'failed' ? end : { kind: 'released', message: `${label} was released by someone else.` };
    const kind = story.kind === 'lost' && offer.spot ? 'preempted' : story.kind;
    this.#noteFailure({ vendor: offer.vendor, offer, kind, message: story.message });
    if (endsTheJob.has(kind)) throw ApplicationFailure.nonRetryable(story.message, kind);
  }

  #instanceChanged(facts: InstanceFacts): void {
    this.#machines.set(facts.label, facts);
    const { instanceId, ssh, pricePerHour } = facts;
    this.record.changeRental(facts.label, {
      pricePerHour,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(ssh === undefined ? {} : { ssh }),
    });
    if (facts.state === 'booting' && this.record.facts.phase === 'creating') this.enter('booting');
  }

  #noteFailure(failure: Omit<JobFailure, 'at'>): void {
    this.memory.note(failure);
    this.record.noteFailure(failure);
  }
}
