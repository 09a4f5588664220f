import type { Answer } from '../answer.ts';
import { numberOf, recordOf, recordsOf, textOf, textsOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';
import { gpuView, sizeView } from './instance-routes.ts';
import { firstOf } from './keys.ts';
import { inCurrency } from './volume-routes.ts';
import type { VolumeStore } from './volumes.ts';

interface ClusterType {
  readonly name: string;
  readonly nodes: number;
  readonly gpus: number;
  readonly pricePerHour: number;
  readonly location: string;
}

const types: readonly ClusterType[] = [
  { name: '16H200', nodes: 2, gpus: 16, pricePerHour: 55.2, location: 'FIN-03' },
  { name: '16B200', nodes: 2, gpus: 16, pricePerHour: 76.8, location: 'FIN-03' },
];

interface Cluster {
  readonly id: string;
  readonly type: ClusterType;
  readonly order: Call['body'];
  readonly createdAt: number;
  readonly volumeId: string;
  gone: boolean;
  readonly nodes: { id: string; hostname: string; public_ip: string; private_ip: string; status: string }[];
}

/** Creates the cluster routes. Clusters are stored and billed, but have no SSH. */
export function clusterRoutes(world: World, volumes: VolumeStore): Route[] {
  const clusters = new Map<string, Cluster>();
  const found = (id: string): Cluster => {
    const cluster = clusters.get(id);
    if (cluster === undefined) throw errorResponse('not_found', 'Cluster not found');
    return cluster;
  };
  return [
    {
      method: 'GET',
      path: '/v1/cluster-types',
      public: true,
      handle: ({ query }) => ({ status: 200, json: types.map((type) => typeView(type, query.get('currency'))) }),
    },
    {
      method: 'GET',
      path: '/v1/cluster-availability',
      handle: () => ({
        status: 200,
        json: [{ location_code: 'FIN-03', availabilities: types.map(({ name }) => name) }],
      }),
    },
    {
      method: 'GET',
      path: '/v1/cluster-availability/{}',
      handle: ({ params }) => ({ status: 200, json: types.some(({ name }) => name === firstOf(params)) }),
    },
    {
      method: 'GET',
      path: '/v1/clusters',
      handle: () => ({
        status: 200,
        json: [...clusters.values()].filter(({ gone }) => !gone).map((each) => view(world, volumes, each)),
      }),
    },
    { method: 'POST', path: '/v1/clusters', handle: (call) => deploy(world, volumes, clusters, call) },
    {
      method: 'PUT',
      path: '/v1/clusters',
      handle: ({ body }) =>
        discontinue(
          world,
          volumes,
          found,
          recordsOf(body, 'actions').map((action) => textOf(action, 'id') ?? ''),
        ),
    },
    {
      method: 'GET',
      path: '/v1/clusters/{}',
      handle: ({ params }) => ({ status: 200, json: view(world, volumes, found(firstOf(params))) }),
    },
    { method: 'POST', path: '/v1/clusters/{}/nodes/{}/actions', handle: (call) => nodeAction(found, call) },
  ];
}

function deploy(world: World, volumes: VolumeStore, clusters: Map<string, Cluster>, call: Call): Answer {
  const { body } = call;
  const type = types.find(({ name }) => name === textOf(body, 'cluster_type'));
  if (type === undefined) throw errorResponse('invalid_request', 'Invalid cluster type');
  const location = textOf(body, 'location_code') ?? '';
  if (location !== type.location || call.fault('out-of-capacity') !== undefined) {
    throw errorResponse(
      'service_unavailable',
      `Not enough resources to deploy a ${type.gpus} GPU cluster type ${type.name} in ${location}`,
    );
  }
  const id = world.random.uuid();
  const shared = recordOf(body.shared_volume);
  const volume = volumes.create({
    name: textOf(shared, 'name') ?? '',
    size: numberOf(shared, 'size') ?? 0,
    type: 'NVMe_Shared_Cluster',
    location,
  });
  const nodes = Array.from({ length: type.nodes }, (_, index) => ({
    id: world.random.uuid(),
    hostname: `worker-${index + 1}`,
    public_ip: `203.0.113.${index + 10}`,
    private_ip: `10.0.0.${index + 10}`,
    status: 'running',
  }));
  clusters.set(id, { id, type, order: body, createdAt: world.clock.now(), volumeId: volume.id, gone: false, nodes });
  world.ledger.open('instances', {
    vendor: 'verda',
    id,
    name: textOf(body, 'hostname') ?? '',
    pricePerHour: type.pricePerHour,
  });
  return { status: 202, json: { id } };
}

/** Discontinues clusters. The shared volume is detached and still billed. */
function discontinue(
  world: World,
  volumes: VolumeStore,
  found: (id: string) => Cluster,
  ids: readonly string[],
): Answer {
  for (const cluster of ids.map(found)) {
    cluster.gone = true;
    const volume = volumes.get(cluster.volumeId);
    if (volume !== undefined) volume.instanceId = null;
    world.ledger.close('instances', 'verda', cluster.id);
  }
  return { status: 202 };
}

function nodeAction(found: (id: string) => Cluster, { params, body }: Call): Answer {
  const [clusterId = '', nodeId = ''] = Object.values(params);
  const node = found(clusterId).nodes.find(({ id }) => id === nodeId);
  if (node === undefined) throw errorResponse('not_found', 'Cluster node not found');
  node.status = body.action === 'boot' ? 'running' : 'offline';
  return { status: 202 };
}

function view(world: World, volumes: VolumeStore, { id, type, order, createdAt, volumeId, gone, nodes }: Cluster) {
  const volume = volumes.get(volumeId);
  const up = world.clock.now() >= createdAt + world.bootSeconds * 1000;
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
  };
}

function shape({ gpus, nodes }: ClusterType) {
  return {
    cpu: { description: `${nodes * 176} CPU`, number_of_cores: nodes * 176 },
    gpu: gpuView(gpus, 'H200 SXM5 141GB'),
    gpu_memory: sizeView('GPU RAM', gpus * 141),
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
