import type { ReservedSshEndpoint, SshEndpoint } from '../network.ts';
import { offlineOrigin } from '../vendor-app.ts';
import type { World } from '../world.ts';
import type { GpuModel, HostRow } from './catalog.ts';

/** The resources of a host that one virtual machine uses. RAM and storage are in GB. */
export interface Share {
  readonly gpuModel: string | undefined;
  readonly gpuCount: number;
  readonly vcpus: number;
  readonly ram: number;
  readonly storage: number;
}

const portsPerHost = 8;
/** Maximum age of the GPU counts in the host list, in seconds. */
const staleSeconds = 30;

/** A host and its free resources. */
export class Host {
  readonly id: string;
  readonly locationId: string;
  readonly row: HostRow;
  readonly free: { cpu: number; ram: number; storage: number; gpus: Record<string, number> };
  readonly #sshEndpoints: readonly ReservedSshEndpoint[];
  readonly #taken = new Set<number>();

  constructor(world: World, row: HostRow) {
    this.id = world.random.uuid();
    this.locationId = world.random.uuid();
    this.row = row;
    this.#sshEndpoints = world.network.ports(portsPerHost);
    const gpus = Object.fromEntries(Object.entries(row.gpus).map(([model, { amount }]) => [model, amount]));
    this.free = { cpu: row.cpu.amount, ram: row.ram.amount, storage: row.storage.amount, gpus };
  }

  /** Reserves free ports on this computer. */
  async reservePorts(): Promise<void> {
    for (const sshEndpoint of this.#sshEndpoints) await sshEndpoint.reserve();
  }

  freePorts(): readonly number[] {
    return this.#sshEndpoints.map(({ port }) => port).filter((port) => !this.#taken.has(port));
  }

  occupyPort(port: number): void {
    this.#taken.add(port);
  }

  releasePort(port: number): void {
    this.#taken.delete(port);
  }

  sshEndpoint(port: number): SshEndpoint | undefined {
    return this.#sshEndpoints.find((sshEndpoint) => sshEndpoint.port === port);
  }

  /** Returns why the share is not available, in the vendor's words; undefined when it is. */
  unavailableReason({ gpuModel, gpuCount, vcpus, ram, storage }: Share): string | undefined {
    if (gpuModel !== undefined && (this.free.gpus[gpuModel] ?? 0) < gpuCount)
      return 'Hostnode unavailable: insufficient capacity';
    if (vcpus > this.free.cpu || ram > this.free.ram || storage > this.free.storage) return 'insufficient capacity';
    if (gpuCount > 0 && ram / gpuCount > this.row.maxRamPerGpu) return 'ram per gpu exceeds ratio limit';
    return undefined;
  }

  take(share: Share): void {
    this.#move(share, -1);
  }

  give(share: Share): void {
    this.#move(share, 1);
  }

  giveGpus(share: Share): void {
    this.#move({ ...share, vcpus: 0, ram: 0, storage: 0 }, 1);
  }

  /** Returns the price of GPUs, vCPUs, and RAM in US dollars per hour. */
  computePrice({ gpuModel, gpuCount, vcpus, ram }: Share): number {
    const gpu = gpuModel === undefined ? 0 : (this.row.gpus[gpuModel]?.price ?? 0) * gpuCount;
    return gpu + vcpus * this.row.cpu.price + ram * this.row.ram.price;
  }

  /** Returns the price of storage in US dollars per hour. */
  storagePrice({ storage }: Share): number {
    return storage * this.row.storage.price;
  }

  #move({ gpuModel, gpuCount, vcpus, ram, storage }: Share, sign: 1 | -1): void {
    this.free.cpu += sign * vcpus;
    this.free.ram += sign * ram;
    this.free.storage += sign * storage;
    if (gpuModel !== undefined) this.free.gpus[gpuModel] = (this.free.gpus[gpuModel] ?? 0) + sign * gpuCount;
  }
}

/** All hosts. GPU counts in the list are up to 30 s old; those of a single host are current. */
export class Hosts {
  readonly all: readonly Host[];
  readonly #world: World;
  #snapshot: { at: number; gpus: Map<Host, Record<string, number>> } | undefined;

  constructor(world: World, rows: readonly HostRow[]) {
    this.#world = world;
    this.all = rows.map((row) => new Host(world, row));
  }

  async open(): Promise<void> {
    if (!this.#world.network.isOpen) return;
    for (const host of this.all) await host.reservePorts();
  }

  get(id: string): Host | undefined {
    return this.all.find((host) => host.id === id);
  }

  /** Returns the free GPUs of a host as the list shows them, up to 30 s old. */
  listedGpus(host: Host): Record<string, number> {
    const now = this.#world.clock.now();
    if (this.#snapshot === undefined || now - this.#snapshot.at >= staleSeconds * 1000) {
      this.#snapshot = { at: now, gpus: new Map(this.all.map((each) => [each, { ...each.free.gpus }])) };
    }
    return this.#snapshot.gpus.get(host) ?? {};
  }
}

/** Returns a host as the API shows it. */
export function hostView(host: Host, freeGpus: Readonly<Record<string, number>>) {
  const { row, free } = host;
  const gpus = Object.entries(row.gpus).map(([model, gpu]): [string, GpuModel] => [
    model,
    { ...gpu, amount: freeGpus[model] ?? 0 },
  ]);
  return {
    location: { id: host.locationId, country: row.country, region: row.region, city: row.city },
    networking: { ports: host.freePorts(), receive: 1000, send: 1000 },
    specs: {
      cpu: { amount: free.cpu, price: row.cpu.price, type: row.cpuType },
      gpu: Object.fromEntries(gpus),
      ram: { amount: free.ram, price: row.ram.price },
      storage: { amount: free.storage, price: row.storage.price },
    },
    status: {
      listed: true,
      online: true,
      reserved: false,
      uptime: 0.9999,
      report: `${offlineOrigin}/report/uptime/${host.id.replaceAll('-', '')}/`,
    },
  };
}
