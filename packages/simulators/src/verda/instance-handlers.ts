import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import { typeNamed } from './account.ts';
import { images } from './catalog.ts';
import { performActions } from './instance-actions.ts';
import type { Instances, VerdaInstance } from './instances.ts';
import type { Tags } from './tags.ts';
import type { VolumeStore } from './volumes.ts';

/** Creates the handlers for instances and images. */
export function instanceHandlers(
  instances: Instances,
  volumes: VolumeStore,
  tags: Tags,
): Handlers<OperationIds['verda']> {
  const view = (instance: VerdaInstance) => ({
    ...instanceView(instance, statusOf(instance, instances.store.progress(instance)), volumes),
    tags: tags.of(instance.id),
  });
  const act = (call: Call) => performActions(instances, call);
  return {
    listInstances: ({ query }) => {
      const status = query.get('status');
      const all = instances.store.listed().map(view);
      return ok(all.filter((each) => (status === null ? each.status !== 'discontinued' : each.status === status)));
    },
    // The body is the id as plain text. The media type that the vendor sends is unknown.
    createInstance: (call) => ({ status: 202, text: instances.deploy(call).id }),
    performInstanceAction: act,
    performInstanceActionLegacy: act,
    getInstance: ({ id }) => ok(view(instances.required(id))),
    listImages: ({ query }) => {
      const name = query.get('instance_type');
      const supported = name === null ? [] : typeNamed(instances.stock, name).images;
      const own = images.filter((image) => !image.is_cluster);
      return ok(own.filter((image) => supported.length === 0 || supported.includes(image.image_type)));
    },
    listClusterImages: () => ok(images.filter((image) => image.is_cluster)),
  };
}

function statusOf(instance: VerdaInstance, progress: number): string {
  switch (instance.phase) {
    case 'provisioning':
      return progress < 0.2 ? 'ordered' : 'provisioning';
    case 'running':
      return 'running';
    case 'stopped':
      return 'offline';
    case 'deleting':
      return 'deleting';
    case 'failed':
      return 'no_capacity';
    case 'gone':
      return 'discontinued';
  }
}

function instanceView(instance: VerdaInstance, status: string, volumes: VolumeStore) {
  const { type, location, image, spot, contract, keyIds, scriptId, ip, osVolumeId, description, jupyterToken } =
    instance.detail;
  const os = images.find((each) => each.image_type === image || each.id === image);
  const addressed = !['ordered', 'provisioning', 'no_capacity'].includes(status);
  return {
    id: instance.id,
    ip: addressed ? ip : null,
    status,
    created_at: new Date(instance.createdAt).toISOString(),
    cpu: { description: `${type.cores} CPU`, number_of_cores: type.cores },
    gpu: gpuView(type.gpu.count, type.gpu.name),
    gpu_memory: sizeView('GPU RAM', type.gpu.count * type.gpu.memory),
    memory: sizeView('RAM', type.memory),
    storage: { description: 'dynamic' },
    hostname: instance.name,
    description,
    location,
    price_per_hour: instance.pricePerHour,
    is_spot: spot,
    instance_type: type.name,
    image,
    os_name: os?.name ?? 'Custom image',
    startup_script_id: scriptId,
    ssh_key_ids: keyIds,
    os_volume_id: addressed ? osVolumeId : null,
    jupyter_token: jupyterToken,
    contract,
    pricing: 'FIXED_PRICE',
    volume_ids: addressed ? volumes.attachedTo(instance.id).map((volume) => volume.id) : [],
  };
}

export function gpuView(count: number, name: string) {
  return { description: count === 0 ? '' : `${count}x ${name}`, number_of_gpus: count };
}

export function sizeView(what: string, gigabytes: number) {
  return { description: `${gigabytes}GB ${what}`, size_in_gigabytes: gigabytes };
}
