import {
  costOf,
  type JobBill,
  type JobFacts,
  type JobFailure,
  type JobOrder,
  type JobPhase,
  type JobRental,
} from '@gpu-clouds/jobs/contract';
import { setCurrentDetails } from '@temporalio/workflow';
import { runDetails } from './details.ts';
import { recordPhase, recordRental } from './run-metrics.ts';
import { indexRun } from './searchable.ts';

interface PastPhase {
  readonly phase: JobPhase;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** What a run tells of itself, to the status query, Temporal's UI, its search and the metrics alike. */
export class RunRecord {
  readonly order: JobOrder;
  #facts: JobFacts;
  readonly #past: PastPhase[] = [];

  constructor(order: JobOrder) {
    this.order = order;
    const now = timestamp();
    this.#facts = {
      id: order.id,
      name: order.job.name,
      nodes: order.job.resources.nodes,
      phase: 'finding-offers',
      startedAt: now,
      phaseSince: now,
      rentals: [],
      failures: [],
    };
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

  /** What there is to pay up to now, and for which of the phases that are over. */
  bill(): JobBill {
    const { rentals } = this.#facts;
    const phases = this.#past.map(({ phase, from, to }) => ({
      phase,
      seconds: (to - from) / 1000,
      dollars: costOf(rentals, to, from),
    }));
    return { phases, dollars: costOf(rentals, Date.now()) };
  }

  rental(label: string): JobRental | undefined {
    return this.#facts.rentals.find((rental) => rental.label === label);
  }

  addRental(rental: JobRental): void {
    this.change({ rentals: [...this.#facts.rentals, rental] });
  }

  changeRental(label: string, news: Partial<JobRental>): void {
    const rentals = this.#facts.rentals.map((rental) => (rental.label === label ? { ...rental, ...news } : rental));
    this.change({ rentals });
  }

  /** @param since ISO 8601. Left out, the price counts from the create call on. */
  repriceRental(label: string, pricePerHour: number, since?: string): void {
    const rental = this.rental(label);
    if (rental === undefined || rental.pricePerHour === pricePerHour) return;
    const { earlierPrices = [] } = rental;
    const earlier = { until: since ?? rental.since, pricePerHour: rental.pricePerHour };
    this.changeRental(label, {
      pricePerHour,
      ...(since === undefined ? {} : { earlierPrices: [...earlierPrices, earlier] }),
    });
  }

  endRental(label: string): void {
    const rental = this.rental(label);
    // What was refused has cost nothing.
    const until = rental?.instanceId === undefined ? (rental?.since ?? timestamp()) : timestamp();
    this.changeRental(label, { until });
    if (rental !== undefined) recordRental(rental.offer.vendor, costOf([{ ...rental, until }], Date.now()));
  }

  noteFailure(failure: Omit<JobFailure, 'at'>): void {
    this.change({ failures: [...this.#facts.failures, { ...failure, at: timestamp() }] });
  }
}

/** ISO 8601. */
export function timestamp(): string {
  return new Date(Date.now()).toISOString();
}
