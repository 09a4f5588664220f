import { instanceLabel, type Offer, type OfferConstraints, type Vendor } from '@gpu-clouds/clouds/pure';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { Machine, StepResult } from '../activities/contract.ts';
import { durationSeconds } from '../job/duration.ts';
import { offerConstraints } from '../job/offer-constraints.ts';
import {
  costOf,
  type JobFacts,
  type JobFailure,
  type JobOutcome,
  type JobPhase,
  type JobRental,
  type JobResult,
} from '../job-status.ts';
import { type JobOrder, statusQueryName, stopSignalName } from '../workflow-api.ts';
import { job as jobActivities, onMachine } from './activity-proxies.ts';
import { runDetails } from './details.ts';
import { type FailureStory, toldPlainly } from './failure-story.ts';
import { type InstanceEnd, type InstanceFacts, type InstanceRequest, instanceChangedSignal } from './instance-api.ts';
import { OfferMemory } from './offer-memory.ts';
import { countRun, recordPhase, recordRental } from './run-metrics.ts';
import { indexRun } from './searchable.ts';

export const statusQuery = defineQuery<JobFacts>(statusQueryName);
export const stopSignal = defineSignal(stopSignalName);

/** Another machine would fail in the same way. */
const endsTheJob: ReadonlySet<string> = new Set(['invalid', 'funds']);
/** A machine is not worth renting for less than this. */
const leastSeconds = 60;

/** What one run knows: phases, machines, money, failures. The business itself is in `runJob`. */
export class JobRun {
  readonly order: JobOrder;
  #known: JobFacts;
  readonly #machines = new Map<string, InstanceFacts>();
  readonly #phases: { readonly phase: JobPhase; readonly from: number; readonly to: number }[] = [];
  readonly memory = new OfferMemory();
  #outputEnd = 0;
  #commandBegan = false;
  /** Asked to before the command had ended. */
  #stopped = false;

  constructor(order: JobOrder) {
    this.order = order;
    const now = timestamp();
    this.#known = {
      id: order.id,
      name: order.job.name,
      phase: 'finding-offers',
      startedAt: now,
      phaseSince: now,
      rentals: [],
      failures: [],
    };
    setHandler(statusQuery, () => this.#facts);
    setHandler(instanceChangedSignal, (facts) => this.#instanceChanged(facts));
    setHandler(stopSignal, () => {
      this.#facts = { ...this.#facts, stopRequestedAt: this.#facts.stopRequestedAt ?? timestamp() };
    });
  }

  /** Runs the job and notes how it ended, whichever way that is. */
  async concluded(work: () => Promise<JobResult>): Promise<JobResult> {
    try {
      const result = await work();
      this.#conclude({ outcome: result.outcome }, 'none');
      return result;
    } catch (error) {
      // Cancelling takes the machine away as well: whatever the work said last, that is why.
      if (isCancellation(error) || CancellationScope.current().consideredCancelled) {
        const message = 'The run was cancelled.';
        this.#conclude({ outcome: 'cancelled', message }, 'cancelled');
        throw isCancellation(error) ? error : new CancelledFailure(message);
      }
      const failure = toldPlainly(error, costOf(this.#facts.rentals, Date.now()));
      const outcome = failure.type === 'stopped' && this.stopRequested ? 'stopped' : 'failed';
      this.#conclude({ outcome, message: failure.message }, failure.type ?? 'failed');
      throw failure;
    }
  }

  get #facts(): JobFacts {
    return this.#known;
  }

  /** Temporal's UI shows them at once. */
  set #facts(facts: JobFacts) {
    if (this.order.searchable) indexRun(this.#known, facts);
    this.#known = facts;
    setCurrentDetails(runDetails(facts, Date.now()));
  }

  enter(phase: JobPhase): void {
    const now = Date.now();
    const seconds = (now - Date.parse(this.#facts.phaseSince)) / 1000;
    this.#phases.push({ phase: this.#facts.phase, from: Date.parse(this.#facts.phaseSince), to: now });
    recordPhase(this.#facts.phase, seconds);
    this.#facts = { ...this.#facts, phase, phaseSince: new Date(now).toISOString() };
    if (phase === 'running') this.#commandBegan = true;
  }

  /**
   * What offers have to meet by now: after as many preemptions as the job bears, spot machines no more.
   * @throws ApplicationFailure when the job takes nothing but them.
   */
  constraints(): OfferConstraints {
    const { job } = this.order;
    const { preemptions } = this.memory;
    const constraints = offerConstraints(job);
    if (preemptions <= job.retry.onPreemption) return constraints;
    if (job.resources.spot === 'only') {
      throw ApplicationFailure.nonRetryable(
        `Clouds took back ${preemptions} spot machines of the job: raise retry.onPreemption, or take on-demand machines too with resources.spot: allow.`,
        'preempted',
      );
    }
    return { ...constraints, spot: 'never' };
  }

  /** @throws ApplicationFailure when the caps leave no time for another machine, or the run was stopped. */
  beginRental(offer: Offer): {
    readonly label: string;
    readonly limits: Pick<InstanceRequest, 'maxSeconds' | 'maxDollars'>;
  } {
    if (this.stopRequested) throw this.stoppedEarly();
    const limits = this.#whatIsLeft();
    const seconds = Math.min(
      limits.maxSeconds,
      ((limits.maxDollars ?? Number.POSITIVE_INFINITY) / offer.pricePerHour) * 3600,
    );
    if (seconds < leastSeconds) throw this.#capReached();
    const { id, deployment } = this.order;
    const label = instanceLabel({ deployment, run: id, ordinal: this.#facts.rentals.length });
    const rental: JobRental = { label, offer, pricePerHour: offer.pricePerHour, since: timestamp() };
    this.#facts = { ...this.#facts, rentals: [...this.#facts.rentals, rental] };
    this.enter('creating');
    return { label, limits };
  }

  endRental(label: string): void {
    const rental = this.#rental(label);
    // What was refused has cost nothing.
    this.#changeRental(label, {
      until: rental?.instanceId === undefined ? (rental?.since ?? timestamp()) : timestamp(),
    });
    const ended = this.#rental(label);
    if (ended !== undefined) recordRental(ended.offer.vendor, costOf([ended], Date.now()));
  }

  /** Milliseconds since the epoch. */
  rentedAt(label: string): number {
    return Date.parse(this.#rental(label)?.since ?? timestamp());
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
    return this.#facts.rentals.length > 1;
  }

  restored(savedAt: string): void {
    this.#facts = { ...this.#facts, restoredFrom: savedAt };
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  setupEnded(exitCode: number): void {
    this.#facts = { ...this.#facts, setupExitCode: exitCode };
  }

  commandEnded(exitCode: number): void {
    this.#stopped = this.stopRequested;
    this.#facts = { ...this.#facts, exitCode };
  }

  get stopRequested(): boolean {
    return this.#facts.stopRequestedAt !== undefined;
  }

  stoppedEarly(): ApplicationFailure {
    return ApplicationFailure.nonRetryable('The run was stopped while its command was not running.', 'stopped');
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
    if (end.why === 'cap-reached') throw this.#capReached();
    // Lost with the machine.
    this.#commandBegan = false;
    const offer = this.#rental(label)?.offer;
    if (offer === undefined) return;
    const story = end.why === 'failed' ? end : { kind: 'released', message: `${label} was released by someone else.` };
    const kind = story.kind === 'lost' && offer.spot ? 'preempted' : story.kind;
    this.#noteFailure({ vendor: offer.vendor, offer, kind, message: story.message });
    if (endsTheJob.has(kind)) throw ApplicationFailure.nonRetryable(story.message, kind);
  }

  noOfferAtAll(): ApplicationFailure {
    const failures = this.#facts.failures.map(({ vendor, message }) => `${vendor}: ${message}`);
    const why = failures.length === 0 ? '' : ` Clouds that could not be asked: ${failures.join('; ')}`;
    return ApplicationFailure.nonRetryable(
      `No cloud has an offer that meets the job's resources and limits.${why}`,
      'no-offer',
    );
  }

  noOfferLeft(): ApplicationFailure {
    const tried = this.#facts.failures.map(
      ({ vendor, offer, message }) => `${vendor}${offer ? ` ${offer.gpu}` : ''}: ${message}`,
    );
    return ApplicationFailure.nonRetryable(`None of the offers worked out. ${tried.slice(-5).join('; ')}`, 'no-offer');
  }

  result(offer: Offer, done: { exitCode: number; outputs: readonly string[]; missing: readonly string[] }): JobResult {
    if (done.exitCode === 0 && done.missing.length > 0 && !this.#stopped) {
      throw ApplicationFailure.nonRetryable(
        `The command succeeded but did not leave ${done.missing.join(', ')}, which the job wants back.`,
        'missing-output',
      );
    }
    this.enter('finished');
    return {
      id: this.order.id,
      outcome: this.#stopped ? 'stopped' : done.exitCode === 0 ? 'succeeded' : 'failed',
      exitCode: done.exitCode,
      ...(this.#facts.setupExitCode === undefined ? {} : { setupExitCode: this.#facts.setupExitCode }),
      phases: this.#phases.map(({ phase, from, to }) => ({
        phase,
        seconds: (to - from) / 1000,
        dollars: costOf(this.#facts.rentals, to, from),
      })),
      dollars: costOf(this.#facts.rentals, Date.now()),
      offer,
      failures: this.#facts.failures,
      outputs: done.outputs,
    };
  }

  /** @param kind Of the failure, or `none`. */
  #conclude(end: { readonly outcome: JobOutcome; readonly message?: string }, kind: string): void {
    if (this.#facts.phase !== 'finished') this.enter('finished');
    this.#facts = { ...this.#facts, ...end, endedAt: timestamp() };
    countRun(end.outcome, kind);
  }

  #instanceChanged(facts: InstanceFacts): void {
    this.#machines.set(facts.label, facts);
    const { instanceId, ssh, pricePerHour } = facts;
    this.#changeRental(facts.label, {
      pricePerHour,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(ssh === undefined ? {} : { ssh }),
    });
    if (facts.state === 'booting' && this.#facts.phase === 'creating') this.enter('booting');
  }

  #rental(label: string): JobRental | undefined {
    return this.#facts.rentals.find((rental) => rental.label === label);
  }

  #changeRental(label: string, news: Partial<JobRental>): void {
    const rentals = this.#facts.rentals.map((rental) => (rental.label === label ? { ...rental, ...news } : rental));
    this.#facts = { ...this.#facts, rentals };
  }

  #noteFailure(failure: Omit<JobFailure, 'at'>): void {
    this.memory.note(failure);
    this.#facts = { ...this.#facts, failures: [...this.#facts.failures, { ...failure, at: timestamp() }] };
  }

  /** Of both caps, counted from the first create call. */
  #whatIsLeft(): Pick<InstanceRequest, 'maxSeconds' | 'maxDollars'> {
    const { maxDuration, maxCost } = this.order.job.limits;
    const now = Date.now();
    const [first] = this.#facts.rentals;
    const used = first === undefined ? 0 : (now - Date.parse(first.since)) / 1000;
    const maxSeconds = durationSeconds(maxDuration) - used;
    return maxCost === undefined
      ? { maxSeconds }
      : { maxSeconds, maxDollars: maxCost - costOf(this.#facts.rentals, now) };
  }

  #capReached(): ApplicationFailure {
    const { maxDuration, maxCost } = this.order.job.limits;
    const caps = [`maxDuration ${maxDuration}`, ...(maxCost === undefined ? [] : [`maxCost $${maxCost}`])];
    return ApplicationFailure.nonRetryable(
      `The job reached its cap (${caps.join(', ')}) and was ended.`,
      'cap-reached',
    );
  }
}

function timestamp(): string {
  return new Date(Date.now()).toISOString();
}
