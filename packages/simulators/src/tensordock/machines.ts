import type { Answer } from '../answer.ts';
import { Fleet } from '../fleet.ts';
import { booleanOf, type JsonRecord, numberOf, textOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { defaultUser } from './catalog.ts';
import { bidSucceeds, checkForm, forwardsOf, publicKeysIn, shareOf } from './deploy-form.ts';
import { failure, refusal } from './errors.ts';
import type { Host, Hosts, Share } from './hosts.ts';
import { round } from './machine-view.ts';
import type { Detail, VirtualMachine } from './virtual-machine.ts';

/** Virtual machines on hosts. */
export class Machines {
  readonly fleet: Fleet<Detail>;
  readonly #world: World;
  readonly #hosts: Hosts;

  constructor(world: World, hosts: Hosts) {
    this.#world = world;
    this.#hosts = hosts;
    this.fleet = new Fleet(world, 'tensordock', {
      deletesAtOnce: true,
      forgetsFailures: true,
      onGone: (unit) => release(unit),
    });
  }

  deploy(call: Call): Answer {
    const { body } = call;
    checkForm(body);
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
    return unit?.phase === 'gone' ? undefined : unit;
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
        user: defaultUser,
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
