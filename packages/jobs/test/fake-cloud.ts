import { randomUUID } from 'node:crypto';
import type { Cloud, Deletion, InstanceOrder } from '@gpu-clouds/clouds';
import {
  CloudError,
  type CloudErrorKind,
  type Instance,
  type Offer,
  type SshAddress,
  type SshKey,
  type Vendor,
} from '@gpu-clouds/clouds/pure';

export interface FakeFaults {
  /** One entry per create: the error, or `lost` to create the instance and lose the answer. */
  create?: (CloudErrorKind | 'lost' | undefined)[];
  /** Error of `listOffers`. */
  offers?: CloudErrorKind;
  /** Error of `listInstances`. */
  list?: CloudErrorKind;
  /** Number of deletes to refuse with `conflict`. */
  deleteConflicts?: number;
  /** Number of lists from which a new instance is missing. */
  hiddenFor?: number;
  /** Number of lists until which all instances are hidden from lists, gets, and deletes, like a vendor whose database fails over. */
  hideAllFor?: number;
  /** US dollars per hour of all instances, instead of the offer's price. */
  price?: number;
  /** Instances stay `provisioning`. */
  neverBoots?: boolean;
  /** The `available` field of all offers. */
  available?: number;
  /** Called on each create, before the instance exists. */
  onCreate?: () => Promise<void>;
}

interface FakeInstance {
  readonly id: string;
  readonly name: string;
  status: Instance['status'];
  hidden: number;
}

/** A cloud in memory that counts calls for tests. */
export class FakeCloud implements Cloud {
  readonly vendor: Vendor;
  readonly instances = new Map<string, FakeInstance>();
  readonly keyObjects = new Map<string, SshKey & { publicKey: string }>();
  readonly faults: FakeFaults = {};
  /** Number of calls of `createInstance`. */
  creates = 0;
  /** Maximum number of instances that had the same instance name at the same time. */
  maxSameName = 0;
  readonly #offers: readonly Offer[];
  readonly #ssh: SshAddress;
  readonly #onInstance: (order: InstanceOrder) => void;

  constructor(
    vendor: Vendor,
    offers: readonly Partial<Offer>[],
    ssh: SshAddress,
    onInstance: (order: InstanceOrder) => void = () => undefined,
  ) {
    this.vendor = vendor;
    this.#offers = offers.map((offer, index) => ({ ...offerOf(vendor, `${vendor}-${index}`), ...offer }));
    this.#ssh = ssh;
    this.#onInstance = onInstance;
  }

  async listOffers(_options?: { readonly signal?: AbortSignal }): Promise<readonly Offer[]> {
    if (this.faults.offers !== undefined) throw this.#error(this.faults.offers, 'listOffers');
    const { available } = this.faults;
    return this.#offers.map((offer) => (available === undefined ? offer : { ...offer, available }));
  }

  async createInstance(order: InstanceOrder): Promise<{ readonly id: string }> {
    this.creates += 1;
    await this.faults.onCreate?.();
    const fault = this.faults.create?.shift();
    if (fault !== undefined && fault !== 'lost') throw this.#error(fault, 'createInstance');
    const id = randomUUID();
    this.instances.set(id, {
      id,
      name: order.name,
      status: 'provisioning',
      hidden: this.faults.hiddenFor ?? 0,
    });
    const same = [...this.instances.values()].filter(({ name }) => name === order.name);
    this.maxSameName = Math.max(this.maxSameName, same.length);
    this.#onInstance(order);
    if (fault === 'lost') throw this.#error('unavailable', 'createInstance', true);
    return { id };
  }

  get #hidesAll(): boolean {
    return (this.faults.hideAllFor ?? 0) > 0;
  }

  async getInstance(id: string): Promise<Instance | undefined> {
    const found = this.#hidesAll ? undefined : this.instances.get(id);
    return found === undefined ? undefined : this.#instance(found);
  }

  async listInstances(): Promise<readonly Instance[]> {
    if (this.faults.list !== undefined) throw this.#error(this.faults.list, 'listInstances');
    if (this.#hidesAll) {
      this.faults.hideAllFor = (this.faults.hideAllFor ?? 0) - 1;
      return [];
    }
    const listed: Instance[] = [];
    for (const found of this.instances.values()) {
      if (found.hidden > 0) found.hidden -= 1;
      else listed.push(this.#instance(found));
    }
    return listed;
  }

  async deleteInstance(id: string): Promise<Deletion> {
    if ((this.faults.deleteConflicts ?? 0) > 0) {
      this.faults.deleteConflicts = (this.faults.deleteConflicts ?? 0) - 1;
      throw this.#error('conflict', 'deleteInstance');
    }
    return { accepted: !this.#hidesAll && this.instances.delete(id) };
  }

  readonly keys = {
    create: async ({ name, publicKey }: { readonly name: string; readonly publicKey: string }): Promise<SshKey> => {
      const key = { id: randomUUID(), name, publicKey };
      this.keyObjects.set(key.id, key);
      return key;
    },
    list: async (): Promise<readonly SshKey[]> => [...this.keyObjects.values()],
    delete: async (id: string): Promise<Deletion> => ({ accepted: this.keyObjects.delete(id) }),
  };

  /** Number of instances and keys that still exist. */
  get left(): number {
    return this.instances.size + this.keyObjects.size;
  }

  #instance(found: FakeInstance): Instance {
    if (found.status === 'provisioning' && this.faults.neverBoots !== true) found.status = 'running';
    const { id, name, status } = found;
    const ssh = status === 'running' ? { ssh: this.#ssh } : {};
    return {
      vendor: this.vendor,
      id,
      name,
      status,
      vendorStatus: status,
      volumeIds: [],
      pricePerHour: this.faults.price ?? this.#offers[0]?.pricePerHour ?? 1,
      ...ssh,
    };
  }

  #error(kind: CloudErrorKind, operation: string, mayHaveTakenEffect = false): CloudError {
    return new CloudError(`${this.vendor} says ${kind}.`, { kind, vendor: this.vendor, operation, mayHaveTakenEffect });
  }
}

export function offerOf(vendor: Vendor, id: string): Offer {
  return {
    vendor,
    id,
    gpu: 'RTX A6000',
    gpuCount: 1,
    gpuMemory: 48,
    region: 'FIN-01',
    pricePerHour: 1,
    spot: false,
    native: {},
  };
}
