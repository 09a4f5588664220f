import {
  costOf,
  type Job,
  type JobBill,
  type JobFacts,
  type JobFailure,
  type JobInstance,
  type JobOrder,
  type JobPhase,
} from '@gpu-clouds/jobs/contract';
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { runDetails } from './details.ts';
import { recordInstance, recordPhase } from './run-metrics.ts';
import { indexRun } from './searchable.ts';

interface PastPhase {
  readonly phase: JobPhase;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** The state of a run, as the status query, Temporal's UI and search, and the metrics show it. */
export class RunRecord<J extends Job = Job> {
  #order: JobOrder<J>;
  #facts: JobFacts;
  readonly #past: PastPhase[] = [];
  #waitedMs = 0;
  /** Seconds that the GPUs of instances were idle, by instance name. */
  #idleSeconds: Readonly<Record<string, number>> = {};

  constructor(order: JobOrder<J>) {
    this.#order = order;
    // Not the time of the first decision: a run that is reset makes it again, later than what it rented before.
    const startedAt = workflowInfo().startTime.toISOString();
    this.#facts = {
      id: order.id,
      name: order.job.name,
      // The content of a job file has no defaults yet.
      nodes: order.job.resources?.nodes ?? 1,
      phase: 'finding-offers',
      startedAt,
      phaseSince: startedAt,
      lease: order.lease === undefined ? undefined : { id: order.lease, name: order.lease },
      instances: [],
      failures: [],
    };
  }

  get order(): JobOrder<J> {
    return this.#order;
  }

  /** Takes the job with all its defaults in the place of the content of a job file. */
  complete(job: J): void {
    this.#order = { ...this.#order, job };
    this.change({ nodes: job.resources.nodes });
  }

  get facts(): JobFacts {
    return this.#facts;
  }

  change(news: Partial<JobFacts>): void {
    const facts = { ...this.#facts, ...news };
    if (this.order.searchable) indexRun(this.#facts, facts);
    this.#facts = facts;
    setCurrentDetails(runDetails(facts, Date.now()));
  }

  enter(phase: JobPhase): void {
    const now = Date.now();
    const from = Date.parse(this.#facts.phaseSince);
    this.#past.push({ phase: this.#facts.phase, from, to: now });
    recordPhase(this.#facts.phase, (now - from) / 1000);
    this.change({ phase, phaseSince: new Date(now).toISOString() });
  }

  /** Milliseconds after the first create call that the run has waited for an offer or the budget. They do not count to its caps. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  waited(ms: number): void {
    if (this.#facts.instances.length > 0) this.#waitedMs += ms;
    this.change({ waiting: undefined });
  }

  /** Returns the cost so far, in total and of each past phase. */
  bill(): JobBill {
    const { instances } = this.#facts;
    const phases = this.#past.map(({ phase, from, to }) => ({
      phase,
      seconds: (to - from) / 1000,
      dollars: costOf(instances, to, from),
    }));
    return { phases, dollars: costOf(instances, Date.now()), idleDollars: this.#facts.idleDollars };
  }

  /** @param seconds By instance name, since its command began. */
  addIdleTime(seconds: Readonly<Record<string, number>>): void {
    this.#idleSeconds = { ...this.#idleSeconds, ...seconds };
    const each = Object.entries(this.#idleSeconds).map(
      ([instanceName, idle]) => (idle / 3600) * (this.instance(instanceName)?.pricePerHour ?? 0),
    );
    this.change({ idleDollars: each.reduce((sum, dollars) => sum + dollars, 0) });
  }

  instance(instanceName: string): JobInstance | undefined {
    return this.#facts.instances.find((instance) => instance.instanceName === instanceName);
  }

  addInstance(instance: JobInstance): void {
    this.change({ instances: [...this.#facts.instances, instance] });
  }

  changeInstance(instanceName: string, news: Partial<JobInstance>): void {
    const instances = this.#facts.instances.map((instance) =>
      instance.instanceName === instanceName ? { ...instance, ...news } : instance,
    );
    this.change({ instances });
  }

  /** @param since ISO 8601. If omitted, the price counts from the create call on. */
  repriceInstance(instanceName: string, pricePerHour: number, since?: string): void {
    const instance = this.instance(instanceName);
    if (instance === undefined || instance.pricePerHour === pricePerHour) return;
    const { earlierPrices = [] } = instance;
    const earlier = { until: since ?? instance.since, pricePerHour: instance.pricePerHour };
    this.changeInstance(instanceName, {
      pricePerHour,
      earlierPrices: since === undefined ? instance.earlierPrices : [...earlierPrices, earlier],
    });
  }

  /** The instance of a lease, which the lease pays. */
  endUse(instanceName: string): void {
    this.changeInstance(instanceName, { until: timestamp() });
  }

  endInstance(instanceName: string): void {
    const instance = this.instance(instanceName);
    // An instance without an id was never created and has cost nothing.
    const until = instance?.instanceId === undefined ? (instance?.since ?? timestamp()) : timestamp();
    this.changeInstance(instanceName, { until });
    if (instance !== undefined) recordInstance(instance.offer.vendor, costOf([{ ...instance, until }], Date.now()));
  }

  noteFailure(failure: Omit<JobFailure, 'at'>): void {
    this.change({ failures: [...this.#facts.failures, { ...failure, at: timestamp() }] });
  }
}

/** Returns the current time in ISO 8601. */
export function timestamp(): string {
  return new Date(Date.now()).toISOString();
}
