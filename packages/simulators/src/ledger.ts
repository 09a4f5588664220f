import type { Clock } from './clock.ts';
import type { Vendor } from './vendor.ts';

/** What one machine cost, and whether it is gone. */
export interface LedgerInstance {
  /** Whose machine it was. */
  readonly vendor: Vendor;
  /** The vendor's id. */
  readonly id: string;
  /** The name it was created under. */
  readonly name: string;
  /** When the create call came, which is when billing begins. ISO 8601. */
  readonly createdAt: string;
  /** When it was gone. ISO 8601; absent while it is there. */
  readonly goneAt?: string;
  /** US dollars an hour, at present or at last. */
  readonly pricePerHour: number;
  /** The most that it ever cost, in US dollars an hour: an order that fails costs nothing from then on. */
  readonly highestPricePerHour: number;
  /** US dollars so far. */
  readonly dollars: number;
  /** How many accepted create calls this vendor got for this label, replays of one idempotency key counted once. */
  readonly createCalls: number;
}

/** A public key that was registered. */
export interface LedgerKey {
  /** Whose it is. */
  readonly vendor: Vendor;
  /** The vendor's id. */
  readonly id: string;
  /** The name it was created under. */
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; absent while it exists. */
  readonly goneAt?: string;
}

/** What one volume cost, and whether it is gone. */
export interface LedgerVolume extends LedgerKey {
  /** US dollars an hour. A volume in the trash bills nothing. */
  readonly pricePerHour: number;
  /** What it has billed so far. */
  readonly dollars: number;
}

/** Serverless: it bills while a replica of it runs. */
export interface LedgerJobDeployment extends LedgerVolume {
  /** The most that it ever cost, in US dollars an hour: between two jobs it costs nothing. */
  readonly highestPricePerHour: number;
  /** How many jobs it took. */
  readonly jobs: number;
  /** What its containers answered to the jobs that they came to the end of, in that order. */
  readonly answers: readonly LedgerAnswer[];
}

/** What a container answered to its job. */
export interface LedgerAnswer {
  /** Of HTTP. */
  readonly status: number;
  /** As it is sent. */
  readonly body: string;
}

/** What was ever there, what it cost, and what is left. */
export interface Ledger {
  /** Every machine there ever was, gone ones included. */
  readonly instances: readonly LedgerInstance[];
  /** Every key there ever was. */
  readonly keys: readonly LedgerKey[];
  /** Every volume there ever was. */
  readonly volumes: readonly LedgerVolume[];
  /** For jobs. */
  readonly jobDeployments: readonly LedgerJobDeployment[];
  /** US dollars of all of them so far. */
  readonly dollars: number;
  /** How many of each exist now. */
  readonly left: Readonly<Record<Kind, number>>;
}

type Kind = 'instances' | 'keys' | 'volumes' | 'jobDeployments';

interface Item {
  readonly vendor: Vendor;
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  goneAt?: number;
  pricePerHour: number;
  highestPricePerHour: number;
  /** Dollars up to `pricedSince`. */
  billed: number;
  pricedSince: number;
  jobs: number;
  readonly answers: LedgerAnswer[];
}

/** Writes down what comes, what goes, and what it costs meanwhile. */
export class LedgerBook {
  readonly #clock: Clock;
  readonly #items: Record<Kind, Map<string, Item>> = {
    instances: new Map(),
    keys: new Map(),
    volumes: new Map(),
    jobDeployments: new Map(),
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(kind: Kind, item: { vendor: Vendor; id: string; name: string; pricePerHour?: number }): void {
    const now = this.#clock.now();
    const { vendor, id, name, pricePerHour = 0 } = item;
    this.#items[kind].set(`${vendor}/${id}`, {
      vendor,
      id,
      name,
      createdAt: now,
      pricePerHour,
      highestPricePerHour: pricePerHour,
      billed: 0,
      pricedSince: now,
      jobs: 0,
      answers: [],
    });
  }

  /** A deployment took a job. */
  countJob(vendor: Vendor, id: string): void {
    const item = this.#items.jobDeployments.get(`${vendor}/${id}`);
    if (item !== undefined) item.jobs += 1;
  }

  /** A deployment's container came to the end of its job. */
  noteAnswer(vendor: Vendor, id: string, answer: LedgerAnswer): void {
    this.#items.jobDeployments.get(`${vendor}/${id}`)?.answers.push(answer);
  }

  /** From now on it costs so many dollars an hour. */
  reprice(kind: Kind, vendor: Vendor, id: string, pricePerHour: number): void {
    const item = this.#items[kind].get(`${vendor}/${id}`);
    if (item === undefined || item.goneAt !== undefined) return;
    item.billed = this.#dollars(item);
    item.pricedSince = this.#clock.now();
    item.pricePerHour = pricePerHour;
    item.highestPricePerHour = Math.max(item.highestPricePerHour, pricePerHour);
  }

  close(kind: Kind, vendor: Vendor, id: string): void {
    const item = this.#items[kind].get(`${vendor}/${id}`);
    if (item !== undefined && item.goneAt === undefined) item.goneAt = this.#clock.now();
  }

  /** It is back, for instance from the trash; what it cost before stays. */
  reopen(kind: Kind, vendor: Vendor, id: string): void {
    const item = this.#items[kind].get(`${vendor}/${id}`);
    if (item?.goneAt === undefined) return;
    item.billed = this.#dollars(item);
    item.pricedSince = this.#clock.now();
    delete item.goneAt;
  }

  /** Dollars that one vendor has billed so far. */
  dollarsOf(vendor: Vendor): number {
    return this.#all()
      .filter((item) => item.vendor === vendor)
      .reduce((sum, item) => sum + this.#dollars(item), 0);
  }

  report(): Ledger {
    const { instances, keys, volumes, jobDeployments } = this.#items;
    const left = (kind: Kind) => [...this.#items[kind].values()].filter((item) => item.goneAt === undefined).length;
    return {
      instances: [...instances.values()].map((item) => this.#instance(item)),
      keys: [...keys.values()].map((item) => named(item)),
      volumes: [...volumes.values()].map((item) => ({ ...named(item), ...this.#cost(item) })),
      jobDeployments: [...jobDeployments.values()].map((item) => ({
        ...{ ...named(item), ...this.#cost(item) },
        ...{ highestPricePerHour: item.highestPricePerHour, jobs: item.jobs, answers: [...item.answers] },
      })),
      dollars: this.#all().reduce((sum, item) => sum + this.#dollars(item), 0),
      left: {
        ...{ instances: left('instances'), keys: left('keys') },
        ...{ volumes: left('volumes'), jobDeployments: left('jobDeployments') },
      },
    };
  }

  #instance(item: Item): LedgerInstance {
    const sameName = [...this.#items.instances.values()].filter(
      ({ vendor, name }) => vendor === item.vendor && name === item.name,
    );
    const { highestPricePerHour } = item;
    return { ...named(item), ...this.#cost(item), highestPricePerHour, createCalls: sameName.length };
  }

  #cost(item: Item): { pricePerHour: number; dollars: number } {
    return { pricePerHour: item.pricePerHour, dollars: this.#dollars(item) };
  }

  #dollars(item: Item): number {
    const until = item.goneAt ?? this.#clock.now();
    return item.billed + (Math.max(0, until - item.pricedSince) / 3_600_000) * item.pricePerHour;
  }

  #all(): Item[] {
    const { instances, volumes, jobDeployments } = this.#items;
    return [...instances.values(), ...volumes.values(), ...jobDeployments.values()];
  }
}

function named(item: Item): LedgerKey {
  const { vendor, id, name } = item;
  const createdAt = new Date(item.createdAt).toISOString();
  return {
    vendor,
    id,
    name,
    createdAt,
    ...(item.goneAt === undefined ? {} : { goneAt: new Date(item.goneAt).toISOString() }),
  };
}
