import type { Instance } from '../instance.ts';
import { InstanceStore } from '../instance-store.ts';
import type { KeyStore } from '../key-store.ts';
import { type JsonRecord, numberOf, recordOf, recordsOf, textOf, textsOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { balanceOf } from './account.ts';
import type { InstanceType } from './catalog.ts';
import { errorResponse } from './errors.ts';
import { type Order, type OrderParts, Orders } from './orders.ts';
import type { Tags } from './tags.ts';
import type { SpotPolicy, Volume, VolumeStore } from './volumes.ts';

export interface InstanceDetail {
  readonly type: InstanceType;
  readonly location: string;
  readonly description: string;
  readonly image: string;
  readonly spot: boolean;
  readonly contract: string;
  readonly keyIds: readonly string[];
  readonly scriptId: string | null;
  readonly ip: string;
  readonly osVolumeId: string;
  readonly jupyterToken: string;
}

/**
 * Seconds until an order that does not boot fails. Until then it cannot be deleted.
 * The failure is in the vendor's SDKs; the time is a guess.
 */
const failsAfterSeconds = 900;

export type VerdaInstance = Instance<InstanceDetail>;

/** The instances of the project, their orders, and their volumes. */
export class Instances {
  readonly store: InstanceStore<InstanceDetail>;
  readonly stock: Stock<InstanceType>;
  readonly #world: World;
  readonly #keys: KeyStore;
  readonly #tags: Tags;
  readonly #orders: Orders;
  readonly #volumes: VolumeStore;

  constructor(world: World, parts: OrderParts, tags: Tags) {
    this.#world = world;
    this.#keys = parts.keys;
    this.#tags = tags;
    this.#orders = new Orders(parts);
    this.#volumes = parts.volumes;
    this.stock = parts.stock;
    this.store = new InstanceStore(world, 'verda', { failsAfterSeconds, onGone: (instance) => this.#onGone(instance) });
  }

  /**
   * Creates an instance. @throws ErrorResponse when the order is invalid, the balance is empty, or the type is out of
   * stock
   */
  deploy(call: Call): VerdaInstance {
    const { body } = call;
    const order = this.#orders.read(body);
    const { type, location, spot, keyIds } = order;
    if (balanceOf(this.#world) <= 0 || call.fault('no-funds') !== undefined) {
      throw errorResponse('insufficient_funds', 'Insufficient balance');
    }
    if (call.fault('out-of-capacity') !== undefined || this.stock.take(type, location) === undefined)
      throw noCapacity(type, location);
    const id = this.#world.random.uuid();
    const osVolume = this.#osVolume(body, id, order);
    const sshEndpoint = this.#world.network.ownAddress('verda');
    const instance = this.store.launch(call, {
      id,
      name: textOf(body, 'hostname') ?? '',
      pricePerHour: spot ? type.spotPrice : type.pricePerHour,
      detail: {
        type,
        location,
        spot,
        keyIds,
        description: textOf(body, 'description') ?? '',
        image: textOf(body, 'image') ?? '',
        contract: spot ? 'SPOT' : (textOf(body, 'contract') ?? 'PAY_AS_YOU_GO'),
        scriptId: textOf(body, 'startup_script_id') ?? null,
        ip: sshEndpoint.host,
        osVolumeId: osVolume.id,
        jupyterToken: this.#world.random.hex(32),
      },
      hardware: { region: location, vcpus: type.cores, memory: type.memory },
      runtime: {
        user: 'root',
        hostname: textOf(body, 'hostname') ?? '',
        authorizedKeys: keyIds.map((keyId) => this.#keys.get(keyId)?.publicKey ?? ''),
        gpu: type.gpu,
        sshEndpoint,
      },
    });
    this.#moreVolumes(body, instance);
    this.#tags.addAll(id, body);
    return instance;
  }

  /** Deletes an instance, and deletes or detaches its volumes as requested. */
  async discontinue(
    instance: VerdaInstance,
    request: { volumeIds: readonly string[] | undefined; permanently: boolean },
  ): Promise<void> {
    const toDelete = request.volumeIds ?? [instance.detail.osVolumeId];
    // The flag has an effect only with explicit volume ids.
    const permanently = request.permanently && request.volumeIds !== undefined;
    await this.store.remove(instance, () => {
      for (const volume of this.#volumes.attachedTo(instance.id)) {
        if (!toDelete.includes(volume.id)) volume.instanceId = null;
        else if (permanently) this.#volumes.deletePermanently(volume);
        else this.#volumes.moveToTrash(volume);
      }
    });
  }

  /** Returns an instance. @throws ErrorResponse 404 when the id is unknown */
  required(id: string): VerdaInstance {
    const instance = this.store.get(id);
    if (instance === undefined) throw errorResponse('not_found', 'Invalid instance id');
    return instance;
  }

  /** Checks that an instance is shut down. @throws ErrorResponse when it is not, or is unknown */
  requireOffline(id: string): void {
    if (this.required(id).phase !== 'stopped')
      throw errorResponse('forbidden_action', 'One or more of the specified instances is not shut down');
  }

  shortViews(id: string): readonly JsonRecord[] {
    const instance = this.store.get(id);
    if (instance === undefined) return [];
    const { type, ip, osVolumeId } = instance.detail;
    return [
      {
        id,
        auto_rental_extension: null,
        ip,
        instance_type: type.name,
        status: instance.phase === 'stopped' ? 'offline' : instance.phase,
        os_volume_id: osVolumeId,
        hostname: instance.name,
      },
    ];
  }

  #osVolume(body: JsonRecord, instanceId: string, { location, keyIds }: Order): Volume {
    const existing = this.#volumes.get(textOf(body, 'image') ?? '');
    if (existing !== undefined) {
      existing.instanceId = instanceId;
      return existing;
    }
    const os = recordOf(body.os_volume);
    return this.#volumes.create({
      name: textOf(os, 'name') ?? `OS-NVMe-${instanceId.slice(0, 8)}`,
      size: numberOf(os, 'size') ?? 50,
      type: 'NVMe',
      location,
      isOs: true,
      keyIds,
      onSpotDiscontinue: spotPolicy(os),
      instanceId,
    });
  }

  #moreVolumes(body: JsonRecord, instance: VerdaInstance): void {
    for (const volume of recordsOf(body, 'volumes')) {
      this.#volumes.create({
        name: textOf(volume, 'name') ?? '',
        size: numberOf(volume, 'size') ?? 0,
        type: textOf(volume, 'type') ?? 'NVMe',
        location: instance.detail.location,
        onSpotDiscontinue: spotPolicy(volume),
        instanceId: instance.id,
      });
    }
    for (const id of textsOf(body, 'existing_volumes')) {
      const volume = this.#volumes.get(id);
      if (volume !== undefined) volume.instanceId = instance.id;
    }
  }

  #onGone(instance: VerdaInstance): void {
    this.stock.give(instance.detail.type, instance.detail.location);
    if (instance.phase === 'failed') {
      // The order was never set up: new volumes do not exist, and existing ones are detached.
      for (const volume of this.#volumes.attachedTo(instance.id)) {
        if (volume.createdAt === instance.createdAt) this.#volumes.deletePermanently(volume);
        else volume.instanceId = null;
      }
    }
    if (!instance.preempted) return;
    for (const volume of this.#volumes.attachedTo(instance.id)) {
      volume.instanceId = null;
      if (volume.onSpotDiscontinue === 'move_to_trash') this.#volumes.moveToTrash(volume);
      if (volume.onSpotDiscontinue === 'delete_permanently') this.#volumes.deletePermanently(volume);
    }
  }
}

function spotPolicy(volume: JsonRecord): SpotPolicy {
  const policy = textOf(volume, 'on_spot_discontinue');
  return policy === 'move_to_trash' || policy === 'delete_permanently' ? policy : 'keep_detached';
}

/** HTTP 503 whose text distinguishes it from an outage, as in the integration tests of brevdev/cloud. */
function noCapacity(type: InstanceType, location: string) {
  return errorResponse(
    'service_unavailable',
    `Not enough resources to deploy a ${type.gpu.count} GPU instance type ${type.name} in ${location}`,
  );
}
