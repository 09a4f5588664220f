import { type Answer, ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { booleanOf, type JsonRecord, numberOf, textOf, textsOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import { eurosPerDollar, locations, volumePrices } from './catalog.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import type { Instances } from './instances.ts';
import type { Tags } from './tags.ts';
import { hourlyPrice, monthlyPrice, type Volume, type VolumeStore } from './volumes.ts';

/** Maximum size of a volume in GB. */
const largest = 10_240;

/** Creates the volume handlers. */
export function volumeHandlers(
  volumes: VolumeStore,
  instances: Instances,
  tags: Tags,
): Handlers<OperationIds['verda']> {
  const view = (volume: Volume) => ({ ...volumeView(volume, instances), tags: tags.of(volume.id) });
  return {
    listVolumes: ({ query }) => {
      const status = query.get('status');
      const all = status === 'deleted' ? volumes.trash() : volumes.present();
      return ok(all.map(view).filter((each) => status === null || each.status === status));
    },
    createVolume: ({ body }) => {
      const volume = create(volumes, instances, body);
      tags.addAll(volume.id, body);
      return { status: 202, text: volume.id };
    },
    performVolumeAction: ({ body }) => act(volumes, instances, body),
    listTrashedVolumes: () => ok(volumes.trash().map(view)),
    getVolume: ({ id }) => ok(view(volumes.required(id))),
    deleteVolume: (call) => deleteById(volumes, instances, call),
    listVolumeTypes: () => ok(volumeTypes()),
  };
}

function create(volumes: VolumeStore, instances: Instances, body: JsonRecord): Volume {
  const type = textOf(body, 'type') ?? '';
  const size = numberOf(body, 'size') ?? 0;
  const location = textOf(body, 'location_code') ?? '';
  checkType(type);
  if (!locations.some(({ code }) => code === location)) throw errorResponse('invalid_request', 'Invalid location code');
  if (!(size >= 1 && size <= largest)) throw errorResponse('invalid_request', `size must be from 1 to ${largest}`);
  const owners = [...textsOf(body, 'instance_id'), ...textsOf(body, 'instance_ids')];
  for (const id of owners) instances.requireOffline(id);
  volumes.checkQuota([size]);
  const name = textOf(body, 'name') ?? '';
  return volumes.create({ name, type, size, location, instanceId: owners[0] ?? null });
}

function checkType(type: string): void {
  if (volumePrices[type] === undefined) throw errorResponse('invalid_request', 'Invalid volume type');
}

function deleteById(volumes: VolumeStore, instances: Instances, { id, body, fault }: Call): Answer {
  if (fault('delete-fails') !== undefined) return errorAnswer('server_error', 'Internal server error');
  const volume = volumes.required(id);
  const permanent = booleanOf(body, 'is_permanent');
  if (volume.gone || (volume.deletedAt !== undefined && !permanent)) return { status: 204 };
  remove(volumes, instances, volume, permanent);
  return { status: 202 };
}

function remove(volumes: VolumeStore, instances: Instances, volume: Volume, permanent: boolean): void {
  if (volume.instanceId !== null) instances.requireOffline(volume.instanceId);
  if (permanent) volumes.deletePermanently(volume);
  else volumes.moveToTrash(volume);
}

function act(volumes: VolumeStore, instances: Instances, body: JsonRecord): Answer {
  const chosen = textsOf(body, 'id').map((id) => volumes.required(id));
  const action = textOf(body, 'action') ?? '';
  if (action === 'clone')
    return ok(
      chosen.map((volume) => clone(volumes, volume, body)),
      202,
    );
  for (const volume of chosen) actOn(volumes, instances, volume, action, body);
  return { status: 202 };
}

function clone(volumes: VolumeStore, volume: Volume, body: JsonRecord): string {
  volumes.checkQuota([volume.size]);
  const { size } = volume;
  const name = textOf(body, 'name') ?? `${volume.name}-clone`;
  const type = textOf(body, 'type') ?? volume.type;
  checkType(type);
  const location = textOf(body, 'location_code') ?? volume.location;
  return volumes.create({ name, type, location, size, isOs: volume.isOs, keyIds: volume.keyIds }).id;
}

function actOn(volumes: VolumeStore, instances: Instances, volume: Volume, action: string, body: JsonRecord): void {
  switch (action) {
    case 'attach': {
      const owner = textsOf(body, 'instance_id')[0] ?? textsOf(body, 'instance_ids')[0] ?? '';
      if (volume.instanceId !== null) throw errorResponse('forbidden_action', 'Volume is already attached');
      instances.requireOffline(owner);
      volume.instanceId = owner;
      return;
    }
    case 'detach':
      if (volume.instanceId === null) throw errorResponse('forbidden_action', 'Volume is not attached');
      instances.requireOffline(volume.instanceId);
      volume.instanceId = null;
      return;
    case 'rename':
      volume.name = textOf(body, 'name') ?? volume.name;
      return;
    case 'resize':
      resize(volumes, volume, numberOf(body, 'size') ?? 0);
      return;
    case 'delete':
      remove(volumes, instances, volume, booleanOf(body, 'is_permanent'));
      return;
    case 'restore':
      if (volume.deletedAt === undefined || volume.gone)
        throw errorResponse('forbidden_action', 'Volume is not in the trash');
      volumes.restore(volume);
      return;
    default:
      throw errorResponse('forbidden_action', `Can't ${action} this volume`);
  }
}

function resize(volumes: VolumeStore, volume: Volume, size: number): void {
  if (size <= volume.size || size > largest)
    throw errorResponse('invalid_request', 'New volume size must be bigger than the current size');
  volumes.resize(volume, size);
}

function volumeView(volume: Volume, instances: Instances) {
  const shared = volume.type.endsWith('_Shared');
  const path = `volume-${volume.id.slice(0, 8)}`;
  const common = {
    id: volume.id,
    instance_id: volume.instanceId,
    instances: volume.instanceId === null ? [] : instances.shortViews(volume.instanceId),
    name: volume.name,
    created_at: new Date(volume.createdAt).toISOString(),
    status: volume.deletedAt !== undefined ? 'deleted' : volume.instanceId === null ? 'detached' : 'attached',
    size: volume.size,
    is_os_volume: volume.isOs,
    target: volume.instanceId === null ? null : volume.isOs ? 'vda' : 'vdb',
    type: volume.type,
    location: volume.location,
    ssh_key_ids: volume.keyIds,
    contract: 'PAY_AS_YOU_GO',
    base_hourly_cost: hourlyPrice(volume),
    monthly_price: monthlyPrice(volume),
    currency: 'usd',
  };
  if (volume.deletedAt !== undefined) {
    return { ...common, deleted_at: new Date(volume.deletedAt).toISOString(), is_permanently_deleted: volume.gone };
  }
  const export_ = `nfs.localhost:${path}`;
  return {
    ...common,
    pseudo_path: shared ? path : null,
    create_directory_command: shared ? 'mkdir -p /mnt/volume' : null,
    mount_command: shared ? `mount -t nfs -o nconnect=16 ${export_} /mnt/volume` : null,
    filesystem_to_fstab_command: shared ? `echo '${export_} /mnt/volume nfs defaults 0 0' >> /etc/fstab` : null,
    long_term: null,
  };
}

function volumeTypes() {
  return Object.entries(volumePrices).map(([type, price]) => ({
    type,
    price: { price_per_month_per_gb: price, cps_per_gb: price / (730 * 3600), monthly_per_gb: price, currency: 'usd' },
    is_shared_fs: type.includes('Shared'),
    burst_bandwidth: type.startsWith('NVMe') ? 2500 : 1000,
    continuous_bandwidth: type.startsWith('NVMe') ? 2000 : 300,
    internal_network_speed: 50,
    iops: type.startsWith('NVMe') ? '100k' : '300',
    throughput_gbps: 4,
  }));
}

/** Returns a price as text in US dollars, or in euros for `eur`. */
export function inCurrency(dollars: number, currency: string | null): string {
  return String(Number((currency === 'eur' ? dollars * eurosPerDollar : dollars).toFixed(4)));
}
