import type { Answer } from '../answer.ts';
import { Fleet, type Unit } from '../fleet.ts';
import { booleanOf, type JsonRecord, numberOf, textOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { operatingSystems } from './catalog.ts';
import { failure, refusal } from './errors.ts';
import type { Host, Hosts, Share } from './hosts.ts';

interface Detail {
  readonly host: Host;
  share: Share;
  /** External port to internal port. */
  readonly forwards: Readonly<Record<string, string>>;
  readonly operatingSystem: string;
  readonly spot: boolean;
  /** Stopped and gave its GPUs back. */
  disassociated: boolean;
}

export type VirtualMachine = Unit<Detail>;

const user = 'user';
const requiredFields = ['name', 'gpu_count', 'vcpus', 'ram', 'storage', 'operating_system'];

/** Virtual machines on hosts. */
export class Machines {
  readonly fleet: Fleet<Detail>;
  readonly #world: World;
  readonly #hosts: Hosts;

  constructor(world: World, hosts: Hosts) {
    this.#world = world;
    this.#hosts = hosts;
    this.fleet = new Fleet(world, 'tensordock', { forgetsFailures: true, onGone: (unit) => release(unit) });
  }

  deploy(call: Call): Answer {
    const { body } = call;
    const missing = requiredFields.find((name) => (textOf(body, name) ?? '') === '');
    if (missing !== undefined) throw refusal(`Missing required parameter: ${missing}`, 400);
    if (textOf(body, 'password') === undefined && textOf(body, 'ssh_key') === undefined) {
      throw refusal('Missing required parameter: password', 400);
    }
    if (!operatingSystems.includes(textOf(body, 'operating_system') ?? '')) throw refusal('Invalid operating system');
    const share = shareOf(body);
    if (call.fault('no-funds') !== undefined) throw refusal('Insufficient balance');
    const soldOut = call.fault('out-of-capacity') !== undefined;
    const host = this.#hostFor(body, share, soldOut);
    const reason = soldOut ? 'Hostnode unavailable: insufficient capacity' : host.refuses(share);
    if (reason !== undefined) throw refusal(reason);
    const spot = textOf(body, 'price_type') === 'spot';
    if (spot && !bidSucceeds(host, share, numberOf(body, 'price'))) throw refusal('Bid price is too low');
    return this.#launch(call, host, share, forwardsOf(body, host), spot);
  }

  get(id: string): VirtualMachine | undefined {
    const unit = this.fleet.get(id);
    return unit === undefined || unit.phase === 'gone' || unit.phase === 'deleting' ? undefined : unit;
  }

  /** @throws Refusal when there is no such machine */
  required(body: JsonRecord): VirtualMachine {
    const unit = this.get(textOf(body, 'server') ?? textOf(body, 'server_id') ?? '');
    if (unit === undefined) throw refusal('Server not found', 404);
    return unit;
  }

  start(unit: VirtualMachine): Answer {
    if (unit.phase !== 'stopped') return failure('Server is not stopped');
    if (unit.detail.disassociated) {
      const { host, share } = unit.detail;
      const reason = host.refuses({ ...share, vcpus: 0, ram: 0, storage: 0 });
      if (reason !== undefined) return failure(reason);
      host.take({ ...share, vcpus: 0, ram: 0, storage: 0 });
      unit.detail.disassociated = false;
      this.#reprice(unit);
    }
    this.fleet.start(unit);
    return { status: 200, json: { success: true } };
  }

  /** Without `disassociate_resources` the machine keeps its GPUs, and bills as before. */
  async stop(unit: VirtualMachine, body: JsonRecord): Promise<Answer> {
    if (unit.phase === 'stopped') return failure('Server is already stopped');
    await this.fleet.stop(unit);
    if (booleanOf(body, 'disassociate_resources')) {
      unit.detail.disassociated = true;
      unit.detail.host.giveGpus(unit.detail.share);
      this.#reprice(unit);
    }
    return { status: 200, json: { success: true } };
  }

  modify(unit: VirtualMachine, body: JsonRecord): Answer {
    if (unit.phase !== 'stopped') return failure('Server must be stopped to be modified');
    const { host, share } = unit.detail;
    const wanted = {
      ...share,
      vcpus: numberOf(body, 'vcpus') ?? share.vcpus,
      ram: numberOf(body, 'ram') ?? share.ram,
      storage: numberOf(body, 'storage') ?? share.storage,
      gpuCount: numberOf(body, 'gpu_count') ?? share.gpuCount,
    };
    if (wanted.storage < share.storage) return failure('Storage cannot be reduced');
    release(unit);
    const reason = host.refuses(wanted);
    if (reason === undefined) unit.detail.share = wanted;
    occupy(unit);
    this.#reprice(unit);
    return reason === undefined ? { status: 200, json: { success: true } } : failure(reason);
  }

  async delete(call: Call): Promise<Answer> {
    if (call.fault('delete-fails') !== undefined) return failure('Failed to delete server');
    await this.fleet.remove(this.required(call.body));
    return { status: 200, json: { success: true } };
  }

  #hostFor(body: JsonRecord, share: Share, soldOut: boolean): Host {
    const id = textOf(body, 'hostnode');
    if (id !== undefined) {
      const host = this.#hosts.get(id);
      if (host === undefined) throw refusal('Hostnode unavailable');
      return host;
    }
    if (textOf(body, 'deployment_type') !== 'network') throw refusal('Missing required parameter: hostnode', 400);
    const host = soldOut ? undefined : this.#hosts.all.find((each) => each.refuses(share) === undefined);
    if (host === undefined) throw refusal('No available nodes found');
    return host;
  }

  #launch(call: Call, host: Host, share: Share, forwards: Record<string, string>, spot: boolean): Answer {
    const { body } = call;
    const name = textOf(body, 'name') ?? '';
    const id = this.#world.random.uuid();
    const sshPort = Number(Object.keys(forwards).find((external) => forwards[external] === '22') ?? 0);
    const door = host.door(sshPort) ?? this.#world.network.ownPort();
    host.take(share);
    for (const external of Object.keys(forwards)) host.occupyPort(Number(external));
    const compute = host.computePrice(share);
    const storage = host.storagePrice(share);
    const model = share.gpuModel ?? 'none';
    this.fleet.launch(call, {
      id,
      label: name,
      pricePerHour: compute + storage,
      detail: {
        host,
        share,
        forwards,
        operatingSystem: textOf(body, 'operating_system') ?? '',
        spot,
        disassociated: false,
      },
      machine: {
        user,
        hostname: name,
        authorizedKeys: publicKeysIn(`${textOf(body, 'ssh_key') ?? ''}\n${textOf(body, 'cloudinit_script') ?? ''}`),
        gpu: { name: model, count: share.gpuCount, memory: host.row.gpus[model]?.vram ?? 0 },
        door,
      },
    });
    const cost = {
      total_price: round(compute + storage),
      compute_price: round(compute),
      storage_price: round(storage),
    };
    return { status: 200, json: { success: true, server: id, ip: door.host, port_forwards: forwards, cost } };
  }

  #reprice(unit: VirtualMachine): void {
    const { host, share, disassociated } = unit.detail;
    unit.pricePerHour = host.storagePrice(share) + (disassociated ? 0 : host.computePrice(share));
    this.#world.ledger.reprice('instances', 'tensordock', unit.id, unit.pricePerHour);
  }
}

/** Gives back what the machine has of its host. */
function release(unit: VirtualMachine): void {
  const { host, share, disassociated, forwards } = unit.detail;
  host.give(disassociated ? { ...share, gpuCount: 0 } : share);
  for (const external of Object.keys(forwards)) host.releasePort(Number(external));
}

function occupy(unit: VirtualMachine): void {
  const { host, share, disassociated, forwards } = unit.detail;
  host.take(disassociated ? { ...share, gpuCount: 0 } : share);
  for (const external of Object.keys(forwards)) host.occupyPort(Number(external));
}

function shareOf(body: JsonRecord): Share {
  const gpuModel = textOf(body, 'gpu_model');
  const gpuCount = numberOf(body, 'gpu_count') ?? 0;
  const [vcpus = 0, ram = 0, storage = 0] = ['vcpus', 'ram', 'storage'].map((name) => numberOf(body, name) ?? 0);
  if (vcpus < 1 || ram < 1 || storage < 20)
    throw refusal('vcpus and ram must be at least 1, and storage at least 20', 400);
  return { ...(gpuModel === undefined ? {} : { gpuModel }), gpuCount, vcpus, ram, storage };
}

/** Ports come as text, `{20001, 20002}` or `[20001, 20002]`, external and internal ones paired by place. */
function forwardsOf(body: JsonRecord, host: Host): Record<string, string> {
  const external = numbersIn(textOf(body, 'external_ports'));
  const internal = numbersIn(textOf(body, 'internal_ports'));
  if (external.length !== internal.length) throw refusal('The number of external and internal ports must match');
  const free = host.freePorts().map(String);
  const stranger = external.find((port) => !free.includes(port));
  if (stranger !== undefined) throw refusal(`External port ${stranger} is not available on this hostnode`);
  if (new Set(external).size !== external.length) throw refusal('External ports must be unique');
  return Object.fromEntries(external.map((port, index) => [port, internal[index] ?? '']));
}

function numbersIn(text: string | undefined): readonly string[] {
  return text?.match(/\d+/g) ?? [];
}

/** From `ssh_key`, or from a cloud-init script with `ssh_authorized_keys`, which is how older clients give them. */
function publicKeysIn(text: string): readonly string[] {
  return text.match(/(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/=]+/g) ?? [];
}

export function bidSucceeds(host: Host, share: Share, price: number | undefined): boolean {
  return price !== undefined && price >= host.computePrice(share) * 0.4;
}

export function round(price: number): number {
  return Number(price.toFixed(6));
}

export function machineView(unit: VirtualMachine) {
  const { host, share, forwards, operatingSystem, disassociated } = unit.detail;
  const compute = disassociated ? 0 : host.computePrice(share);
  const storage = host.storagePrice(share);
  return {
    // There is no word for booting: it is said to run before anybody can log in.
    status: unit.phase !== 'stopped' ? 'Running' : disassociated ? 'StoppedDisassociated' : 'Stopped',
    name: unit.label,
    type: 'virtualmachine',
    hostnode: host.id,
    hostname: '127.0.0.1',
    ip_address: '127.0.0.1',
    location: host.locationId,
    country: host.row.country,
    state: host.row.region,
    city: host.row.city,
    operating_system: operatingSystem,
    default_user: user,
    timestamp_creation: new Date(unit.createdAt).toUTCString(),
    cost: round(compute + storage),
    compute_price: compute.toFixed(6),
    storage_price: storage.toFixed(6),
    total_price: (compute + storage).toFixed(6),
    cpu_threadscount: String(share.vcpus),
    port_forwards: forwards,
    specs: {
      gpu: { amount: share.gpuCount, ...(share.gpuModel === undefined ? {} : { type: share.gpuModel }) },
      vcpus: share.vcpus,
      ram: share.ram,
      storage: share.storage,
    },
  };
}
