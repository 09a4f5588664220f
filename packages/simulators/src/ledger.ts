import type { Clock } from './clock.ts';
import type { Vendor } from './vendor.ts';

/** The lifetime of one registered SSH public key. */
export interface LedgerKey {
  /** Vendor of the resource. */
  readonly vendor: Vendor;
  /** The vendor's id. */
  readonly id: string;
  /** Name given on creation: of an instance, the instance name. */
  readonly name: string;
  /** Time of creation. ISO 8601. */
  readonly createdAt: string;
  /** Time of deletion. ISO 8601; absent while the resource exists. */
  readonly goneAt?: string;
}

/** The cost and lifetime of one volume. */
export interface LedgerVolume extends LedgerKey {
  /** Current price in US dollars per hour, or the last price of a resource that is gone. A volume in the trash is not billed. */
  readonly pricePerHour: number;
  /** Amount billed so far, in US dollars. */
  readonly dollars: number;
}

/** What an instance was ordered with, whatever a fault takes from it later. */
export interface LedgerHardware {
  /** As the vendor's offers name it. */
  readonly region: string;
  /** Number of GPUs. */
  readonly gpuCount: number;
  /** Memory of one GPU in GiB. */
  readonly gpuMemory: number;
  /** Number of virtual CPUs. */
  readonly vcpus: number;
  /** Main memory in GiB. */
  readonly memory: number;
}

/** The cost and lifetime of one instance, which is billed from its create call on. */
export interface LedgerInstance extends LedgerVolume {
  /** Highest price so far in US dollars per hour. It survives a failed order, which sets the price to 0. */
  readonly highestPricePerHour: number;
  /** Number of create calls that the vendor accepted for this instance name. Replays of an idempotency key count once. */
  readonly createCalls: number;
  /** Id of the instance that the vendor duplicated, without a create call. */
  readonly duplicateOf?: string | undefined;
  /** Absent for the instances of a cluster. */
  readonly hardware?: LedgerHardware | undefined;
}

/** The cost and lifetime of one of Verda's job deployments, which is billed while a replica runs. */
export interface LedgerJobDeployment extends LedgerVolume {
  /** Highest price so far in US dollars per hour. The price is 0 while no job runs. */
  readonly highestPricePerHour: number;
  /** Number of submitted jobs. */
  readonly jobs: number;
  /** Container responses of the completed jobs, in order of completion. */
  readonly answers: readonly LedgerAnswer[];
}

/** The response of a container to its job. */
export interface LedgerAnswer {
  /** HTTP status code. */
  readonly status: number;
  /** Response body as text. */
  readonly body: string;
}

/** All resources ever created, their cost, and how many are left. */
export interface Ledger {
  /** All instances, including those that are gone. */
  readonly instances: readonly LedgerInstance[];
  /** All SSH keys, including deleted ones. */
  readonly keys: readonly LedgerKey[];
  /** All volumes, including deleted ones. */
  readonly volumes: readonly LedgerVolume[];
  /** All of Verda's job deployments, including deleted ones. */
  readonly jobDeployments: readonly LedgerJobDeployment[];
  /** Total amount billed so far, in US dollars. */
  readonly dollars: number;
  /** Number of resources that exist now, by kind. */
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
  /** US dollars billed before `pricedSince`. */
  billed: number;
  pricedSince: number;
  jobs: number;
  readonly answers: LedgerAnswer[];
  readonly duplicateOf?: string | undefined;
  readonly hardware?: LedgerHardware | undefined;
}

type NewItem = Pick<Item, 'vendor' | 'id' | 'name' | 'duplicateOf' | 'hardware'> & { readonly pricePerHour?: number };

/** Records when resources are created and deleted, and computes what they cost. */
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

  /** Records a new resource, billed at `pricePerHour` (default: 0) from now on. */
  open(kind: Kind, item: NewItem): void {
    const now = this.#clock.now();
    const { vendor, id, name, pricePerHour = 0, duplicateOf, hardware } = item;
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
      duplicateOf,
      hardware,
    });
  }

  /** Counts a job submitted to a job deployment. */
  countJob(vendor: Vendor, id: string): void {
    const item = this.#items.jobDeployments.get(`${vendor}/${id}`);
    if (item !== undefined) item.jobs += 1;
  }

  /** Records the response of a container to a completed job. */
  noteAnswer(vendor: Vendor, id: string, answer: LedgerAnswer): void {
    this.#items.jobDeployments.get(`${vendor}/${id}`)?.answers.push(answer);
  }

  /** Changes the price to `pricePerHour` from now on. */
  reprice(kind: Kind, vendor: Vendor, id: string, pricePerHour: number): void {
    const item = this.#items[kind].get(`${vendor}/${id}`);
    if (item === undefined || item.goneAt !== undefined) return;
    item.billed = this.#dollars(item);
    item.pricedSince = this.#clock.now();
    item.pricePerHour = pricePerHour;
    item.highestPricePerHour = Math.max(item.highestPricePerHour, pricePerHour);
  }

  /** Ends a resource and its billing. No-op when it is closed or unknown. */
  close(kind: Kind, vendor: Vendor, id: string): void {
    const item = this.#items[kind].get(`${vendor}/${id}`);
    if (item !== undefined && item.goneAt === undefined) item.goneAt = this.#clock.now();
  }

  /** Resumes billing of a closed resource, for example a volume restored from the trash. */
  reopen(kind: Kind, vendor: Vendor, id: string): void {
    const item = this.#items[kind].get(`${vendor}/${id}`);
    if (item?.goneAt === undefined) return;
    item.billed = this.#dollars(item);
    item.pricedSince = this.#clock.now();
    delete item.goneAt;
  }

  /** Returns the amount that one vendor has billed so far, in US dollars. */
  dollarsOf(vendor: Vendor): number {
    return this.#all()
      .filter((item) => item.vendor === vendor)
      .reduce((sum, item) => sum + this.#dollars(item), 0);
  }

  /** Returns a copy of the ledger as of now. */
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
      ({ vendor, name, duplicateOf }) => vendor === item.vendor && name === item.name && duplicateOf === undefined,
    );
    const { highestPricePerHour, duplicateOf, hardware } = item;
    const known = { ...named(item), ...this.#cost(item), hardware };
    const duplicate = duplicateOf === undefined ? {} : { duplicateOf };
    return { ...known, highestPricePerHour, createCalls: sameName.length, ...duplicate };
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
