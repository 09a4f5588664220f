import { type Answer, ok } from '../answer.ts';
import type { InstanceGpu } from '../nvidia-smi.ts';
import type { OperationIds } from '../operation-ids.ts';
import { numberOf, recordOf, recordsOf, textOf, textsOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { locations } from './catalog.ts';
import { errorResponse } from './errors.ts';
import { gpuView, sizeView } from './instance-handlers.ts';
import type { Tags } from './tags.ts';
import { inCurrency } from './volume-handlers.ts';
import type { VolumeStore } from './volumes.ts';

interface ClusterType {
  readonly name: string;
  readonly nodes: number;
  readonly gpu: InstanceGpu;
  readonly pricePerHour: number;
  readonly location: string;
}

const types: readonly ClusterType[] = [
  type('16H200', { name: 'H200 SXM5 141GB', count: 16, memory: 141 }, 55.2),
  type('16B200', { name: 'B200 SXM6 180GB', count: 16, memory: 180 }, 76.8),
];

function type(name: string, gpu: InstanceGpu, pricePerHour: number): ClusterType {
  return { name, nodes: 2, gpu, pricePerHour, location: 'FIN-03' };
}

interface Cluster {
  readonly id: string;
  readonly type: ClusterType;
  readonly order: Call['body'];
  readonly createdAt: number;
  readonly volumeId: string;
  gone: boolean;
  readonly nodes: { id: string; hostname: string; public_ip: string; private_ip: string; status: string }[];
}

/** The clusters of the project. They are stored and billed, but have no SSH. */
export class Clusters {
  readonly #world: World;
  readonly #volumes: VolumeStore;
  readonly #tags: Tags;
  readonly #clusters = new Map<string, Cluster>();

  constructor(world: World, volumes: VolumeStore, tags: Tags) {
    this.#world = world;
    this.#volumes = volumes;
    this.#tags = tags;
  }

  handlers(): Handlers<OperationIds['verda']> {
    const present = () => [...this.#clusters.values()].filter(({ gone }) => !gone);
    return {
      listClusterTypes: ({ query }) => ok(types.map((each) => typeView(each, query.get('currency')))),
      listClusterAvailability: (call) =>
        ok(
          askedLocations(call).map((code) => ({
            location_code: code,
            availabilities: types.filter(({ location }) => location === code).map(({ name }) => name),
          })),
        ),
      getClusterAvailability: (call) =>
        ok(types.some(({ name, location }) => name === call.id && askedLocations(call).includes(location))),
      listClusters: () => ok(present().map((each) => this.#view(each))),
      createCluster: (call) => this.#deploy(call),
      performClusterActions: ({ body }) =>
        this.#discontinue(recordsOf(body, 'actions').map((action) => textOf(action, 'id') ?? '')),
      getCluster: ({ id }) => ok(this.#view(this.required(id))),
      performClusterNodeAction: (call) => this.#nodeAction(call),
    };
  }

  /** Returns a cluster. @throws ErrorResponse 404 when the id is unknown */
  required(id: string): Cluster {
    const cluster = this.#clusters.get(id);
    if (cluster === undefined) throw errorResponse('not_found', 'Cluster not found');
    return cluster;
  }

  #deploy(call: Call): Answer {
    const { body } = call;
    const wanted = types.find(({ name }) => name === textOf(body, 'cluster_type'));
    if (wanted === undefined) throw errorResponse('invalid_request', 'Invalid cluster type');
    const location = textOf(body, 'location_code') ?? '';
    if (location !== wanted.location || call.fault('out-of-capacity') !== undefined) {
      throw errorResponse(
        'service_unavailable',
        `Not enough resources to deploy a ${wanted.gpu.count} GPU cluster type ${wanted.name} in ${location}`,
      );
    }
    const id = this.#world.random.uuid();
    const shared = recordOf(body.shared_volume);
    const volume = this.#volumes.create({
      name: textOf(shared, 'name') ?? '',
      size: numberOf(shared, 'size') ?? 0,
      type: 'NVMe_Shared_Cluster',
      location,
    });
    const nodes = Array.from({ length: wanted.nodes }, (_, index) => ({
      id: this.#world.random.uuid(),
      hostname: `worker-${index + 1}`,
      public_ip: '127.0.0.1',
      private_ip: `10.0.0.${index + 10}`,
      status: 'running',
    }));
    const createdAt = this.#world.clock.now();
    this.#clusters.set(id, { id, type: wanted, order: body, createdAt, volumeId: volume.id, gone: false, nodes });
    const name = textOf(body, 'hostname') ?? '';
    this.#world.ledger.open('instances', { vendor: 'verda', id, name, pricePerHour: wanted.pricePerHour });
    this.#tags.addAll(id, body);
    return ok({ id }, 202);
  }

  /** Discontinues clusters. The shared volume is detached and still billed. */
  #discontinue(ids: readonly string[]): Answer {
    for (const cluster of ids.map((id) => this.required(id))) {
      cluster.gone = true;
      this.#world.ledger.close('instances', 'verda', cluster.id);
    }
    return { status: 202 };
  }

  #nodeAction({ params, body }: Call): Answer {
    const { clusterId = '', nodeId } = params;
    const node = this.required(clusterId).nodes.find(({ id }) => id === nodeId);
    if (node === undefined) throw errorResponse('not_found', 'Cluster node not found');
    node.status = body.action === 'boot' ? 'running' : 'offline';
    return { status: 202 };
  }

  #view({ id, type, order, createdAt, volumeId, gone, nodes }: Cluster) {
    const volume = this.#volumes.get(volumeId);
    const progress = (this.#world.clock.now() - createdAt) / (this.#world.bootSeconds * 1000);
    const up = !(progress < 1);
    return {
      id,
      ip: up ? (nodes[0]?.public_ip ?? null) : null,
      status: gone ? 'discontinued' : up ? 'running' : 'provisioning',
      created_at: new Date(createdAt).toISOString(),
      ...shape(type),
      hostname: textOf(order, 'hostname') ?? '',
      description: textOf(order, 'description') ?? '',
      location: type.location,
      price_per_hour: type.pricePerHour,
      cluster_type: type.name,
      image: textOf(order, 'image') ?? '',
      os_name: 'Ubuntu 22.04',
      startup_script_id: textOf(order, 'startup_script_id') ?? null,
      ssh_key_ids: textsOf(order, 'ssh_key_ids'),
      contract: textOf(order, 'contract') ?? 'PAY_AS_YOU_GO',
      auto_rental_extension: false,
      turn_to_pay_as_you_go: false,
      extension_settings: 'pay_as_you_go',
      worker_nodes: nodes,
      shared_volumes: [
        { id: volumeId, name: volume?.name ?? '', mount_point: '/mnt/shared', size_in_gigabytes: volume?.size ?? 0 },
      ],
      tags: this.#tags.of(id),
    };
  }
}

/** Returns the locations that an availability request asks for: one, or all. */
function askedLocations({ query }: Call): readonly string[] {
  const wanted = query.get('location_code');
  return locations.map(({ code }) => code).filter((code) => wanted === null || code === wanted);
}

function shape({ gpu, nodes }: ClusterType) {
  return {
    cpu: { description: `${nodes * 176} CPU`, number_of_cores: nodes * 176 },
    gpu: gpuView(gpu.count, gpu.name),
    gpu_memory: sizeView('GPU RAM', gpu.count * gpu.memory),
    memory: sizeView('RAM', nodes * 1480),
  };
}

function typeView(type: ClusterType, currency: string | null) {
  return {
    id: `c01dd00d-0000-4972-ae4e-${String(types.indexOf(type)).padStart(12, '0')}`,
    model: `${type.name.replace(/^\d+/, '')} Cluster`,
    name: type.name,
    cluster_type: type.name,
    ...shape(type),
    price_per_hour: inCurrency(type.pricePerHour, currency),
    currency: currency === 'eur' ? 'eur' : 'usd',
    manufacturer: 'NVIDIA',
    node_details: [{ InfiniBand: '3200 Gbit/s' }, { Ethernet: '100 Gbit/s' }],
    supported_os: ['ubuntu-22.04-cuda-12.4-cluster'],
  };
}
