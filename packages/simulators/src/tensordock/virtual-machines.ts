import { type Answer, ok } from '../answer.ts';
import { InstanceStore } from '../instance-store.ts';
import { booleanOf, type JsonRecord, numberOf, textOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { defaultUser } from './catalog.ts';
import { bidSucceeds, checkForm, forwardsOf, publicKeysIn, shareOf } from './deploy-form.ts';
import { errorResponse, failure } from './errors.ts';
import type { Host, Hosts, Share } from './hosts.ts';
import type { Detail, VirtualMachine } from './virtual-machine.ts';
import { round } from './virtual-machine-view.ts';

/** The virtual machines of the account. */
export class VirtualMachines {
  readonly store: InstanceStore<Detail>;
  readonly #world: World;
  readonly #hosts: Hosts;

  constructor(world: World, hosts: Hosts) {
    this.#world = world;
    this.#hosts = hosts;
    this.store = new InstanceStore(world, 'tensordock', {
      deletesAtOnce: true,
      forgetsFailures: true,
      onGone: (instance) => release(instance),
    });
  }

  /** Deploys a virtual machine. @throws ErrorResponse when the form is invalid or the resources are not available */
  deploy(call: Call): Answer {
    const { body } = call;
    checkForm(body);
    const share = shareOf(body);
    if (call.fault('no-funds') !== undefined) throw errorResponse('Insufficient balance');
    const soldOut = call.fault('out-of-capacity') !== undefined;
    const host = this.#hostFor(body, share, soldOut);
    const reason = soldOut ? 'Hostnode unavailable: insufficient capacity' : host.unavailableReason(share);
    if (reason !== undefined) throw errorResponse(reason);
    const spot = textOf(body, 'price_type') === 'spot';
    if (spot && !bidSucceeds(host, share, numberOf(body, 'price'))) throw errorResponse('Bid price is too low');
    return this.#launch(call, host, share, forwardsOf(body, host), spot);
  }

  /** Returns a virtual machine; undefined when it is unknown or deleted. */
  get(id: string): VirtualMachine | undefined {
    const instance = this.store.get(id);
    return instance?.phase === 'gone' ? undefined : instance;
  }

  /** Returns the virtual machine that a form names. @throws ErrorResponse 404 when it is unknown */
  required(body: JsonRecord): VirtualMachine {
    const instance = this.get(textOf(body, 'server') ?? '');
    if (instance === undefined) throw errorResponse('Server not found', 404);
    return instance;
  }

  /** Starts a stopped virtual machine, and takes its GPUs again if they were released. */
  start(instance: VirtualMachine): Answer {
    if (instance.phase !== 'stopped') return failure('Server is not stopped');
    if (instance.detail.disassociated) {
      const { host, share } = instance.detail;
      const reason = host.unavailableReason({ ...share, vcpus: 0, ram: 0, storage: 0 });
      if (reason !== undefined) return failure(reason);
      host.take({ ...share, vcpus: 0, ram: 0, storage: 0 });
      instance.detail.disassociated = false;
      this.#reprice(instance);
    }
    this.store.start(instance);
    return ok({ success: true });
  }

  /** Stops a virtual machine. Without `disassociate_resources` it keeps its GPUs and its price. */
  async stop(instance: VirtualMachine, body: JsonRecord): Promise<Answer> {
    if (instance.phase === 'stopped') return failure('Server is already stopped');
    await this.store.stop(instance);
    if (booleanOf(body, 'disassociate_resources')) {
      instance.detail.disassociated = true;
      instance.detail.host.giveGpus(instance.detail.share);
      this.#reprice(instance);
    }
    return ok({ success: true });
  }

  /** Changes the size of a stopped virtual machine. */
  modify(instance: VirtualMachine, body: JsonRecord): Answer {
    if (instance.phase !== 'stopped') return failure('Server must be stopped to be modified');
    const { host, share } = instance.detail;
    const wanted = {
      ...share,
      vcpus: numberOf(body, 'vcpus') ?? share.vcpus,
      ram: numberOf(body, 'ram') ?? share.ram,
      storage: numberOf(body, 'storage') ?? share.storage,
      gpuCount: numberOf(body, 'gpu_count') ?? share.gpuCount,
    };
    if (wanted.storage < share.storage) return failure('Storage cannot be reduced');
    release(instance);
    const reason = host.unavailableReason(wanted);
    if (reason === undefined) instance.detail.share = wanted;
    occupy(instance);
    this.#reprice(instance);
    return reason === undefined ? ok({ success: true }) : failure(reason);
  }

  /** Deletes a virtual machine. */
  async delete(call: Call): Promise<Answer> {
    if (call.fault('delete-fails') !== undefined) return failure('Failed to delete server');
    // dstack and other clients take this failure for success.
    if (this.store.get(textOf(call.body, 'server') ?? '')?.phase === 'gone')
      return failure('Server is already terminated');
    await this.store.remove(this.required(call.body));
    return ok({ success: true });
  }

  #hostFor(body: JsonRecord, share: Share, soldOut: boolean): Host {
    const id = textOf(body, 'hostnode');
    if (id !== undefined) {
      const host = this.#hosts.get(id);
      if (host === undefined) throw errorResponse('Hostnode unavailable');
      return host;
    }
    if (textOf(body, 'deployment_type') !== 'network') throw errorResponse('Missing required parameter: hostnode', 400);
    const host = soldOut ? undefined : this.#hosts.all.find((each) => each.unavailableReason(share) === undefined);
    if (host === undefined) throw errorResponse('No available nodes found');
    return host;
  }

  #launch(call: Call, host: Host, share: Share, forwards: Record<string, string>, spot: boolean): Answer {
    const { body } = call;
    const name = textOf(body, 'name') ?? '';
    const id = this.#world.random.uuid();
    const sshPort = Number(Object.keys(forwards).find((external) => forwards[external] === '22') ?? 0);
    const sshEndpoint = host.sshEndpoint(sshPort) ?? this.#world.network.ownPort();
    host.take(share);
    for (const external of Object.keys(forwards)) host.occupyPort(Number(external));
    const compute = host.computePrice(share);
    const storage = host.storagePrice(share);
    const model = share.gpuModel ?? 'none';
    const { country, region, city } = host.row;
    this.store.launch(call, {
      id,
      name,
      pricePerHour: compute + storage,
      detail: {
        host,
        share,
        forwards,
        operatingSystem: textOf(body, 'operating_system') ?? '',
        spot,
        disassociated: false,
      },
      hardware: { region: `${country}, ${region}, ${city}`, vcpus: share.vcpus, memory: share.ram },
      runtime: {
        user: defaultUser,
        hostname: name,
        authorizedKeys: publicKeysIn(`${textOf(body, 'ssh_key') ?? ''}\n${textOf(body, 'cloudinit_script') ?? ''}`),
        gpu: { name: model, count: share.gpuCount, memory: host.row.gpus[model]?.vram ?? 0 },
        sshEndpoint,
      },
    });
    const cost = {
      total_price: round(compute + storage),
      compute_price: round(compute),
      storage_price: round(storage),
    };
    return ok({ success: true, server: id, ip: sshEndpoint.host, port_forwards: forwards, cost });
  }

  #reprice(instance: VirtualMachine): void {
    const { host, share, disassociated } = instance.detail;
    instance.pricePerHour = host.storagePrice(share) + (disassociated ? 0 : host.computePrice(share));
    this.#world.ledger.reprice('instances', 'tensordock', instance.id, instance.pricePerHour);
  }
}

/** Returns the resources of a virtual machine to its host. */
function release(instance: VirtualMachine): void {
  const { host, share, disassociated, forwards } = instance.detail;
  host.give(disassociated ? { ...share, gpuCount: 0 } : share);
  for (const external of Object.keys(forwards)) host.releasePort(Number(external));
}

/** Takes the resources of a virtual machine from its host. */
function occupy(instance: VirtualMachine): void {
  const { host, share, disassociated, forwards } = instance.detail;
  host.take(disassociated ? { ...share, gpuCount: 0 } : share);
  for (const external of Object.keys(forwards)) host.occupyPort(Number(external));
}
