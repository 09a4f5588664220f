import type { Answer } from '../answer.ts';
import { isRecord, type JsonRecord, recordOf, recordsOf, textOf, textsOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';
import { firstOf } from './keys.ts';

interface ContainerDeployment {
  readonly name: string;
  readonly createdAt: string;
  containers: JsonRecord[];
  compute: JsonRecord;
  scaling: JsonRecord;
  registry: JsonRecord;
  spot: boolean;
  paused: boolean;
}

/**
 * Creates the container deployment routes. Container deployments are stored, but they run nothing and are not billed.
 */
export function deploymentRoutes(world: World): Route[] {
  const path = '/v1/container-deployments';
  const store = new ContainerDeployments(world);
  const one = ({ params }: Call) => store.found(firstOf(params));
  return [
    { method: 'GET', path, handle: () => ({ status: 200, json: store.all().map(containerView) }) },
    { method: 'POST', path, handle: ({ body }) => ({ status: 201, json: containerView(store.create(body)) }) },
    { method: 'GET', path: `${path}/{}`, handle: (call) => ({ status: 200, json: containerView(one(call)) }) },
    {
      method: 'PATCH',
      path: `${path}/{}`,
      handle: (call) => ({ status: 200, json: containerView(store.change(one(call), call.body)) }),
    },
    { method: 'DELETE', path: `${path}/{}`, handle: (call) => store.remove(one(call)) },
    {
      method: 'GET',
      path: `${path}/{}/status`,
      handle: (call) => ({ status: 200, json: { status: one(call).paused ? 'paused' : 'healthy' } }),
    },
    { method: 'GET', path: `${path}/{}/scaling`, handle: (call) => ({ status: 200, json: one(call).scaling }) },
    {
      method: 'PATCH',
      path: `${path}/{}/scaling`,
      handle: (call) => ({ status: 200, json: rescale(one(call), call.body) }),
    },
    {
      method: 'GET',
      path: `${path}/{}/replicas`,
      handle: (call) => ({ status: 200, json: { list: replicas(one(call)) } }),
    },
    {
      method: 'GET',
      path: `${path}/{}/environment-variables`,
      handle: (call) => ({ status: 200, json: variables(one(call)) }),
    },
    ...(['POST', 'PATCH', 'DELETE'] as const).map(
      (method): Route => ({
        method,
        path: `${path}/{}/environment-variables`,
        handle: (call) => setVariables(one(call), call),
      }),
    ),
    ...commandRoutes(path, one, ['restart', 'purge-queue', 'pause', 'resume']),
  ];
}

function commandRoutes(path: string, one: (call: Call) => ContainerDeployment, commands: readonly string[]): Route[] {
  return commands.map((command) => ({
    method: 'POST',
    path: `${path}/{}/${command}`,
    handle: (call) => {
      const deployment = one(call);
      if (command === 'pause' || command === 'resume') deployment.paused = command === 'pause';
      return { status: 201 };
    },
  }));
}

class ContainerDeployments {
  readonly #world: World;
  readonly #byName = new Map<string, ContainerDeployment>();

  constructor(world: World) {
    this.#world = world;
  }

  all(): readonly ContainerDeployment[] {
    return [...this.#byName.values()];
  }

  found(name: string): ContainerDeployment {
    const deployment = this.#byName.get(name);
    if (deployment === undefined) throw errorResponse('not_found', 'Deployment not found');
    return deployment;
  }

  create(body: JsonRecord): ContainerDeployment {
    const name = textOf(body, 'name') ?? '';
    if (this.#byName.has(name)) throw errorResponse('conflict', 'A deployment with this name already exists');
    const createdAt = new Date(this.#world.clock.now()).toISOString();
    const containers = recordsOf(body, 'containers').map((container, index) =>
      named(container, `${name}-${index}`, createdAt),
    );
    const deployment: ContainerDeployment = {
      name,
      createdAt,
      containers,
      compute: recordOf(body.compute),
      scaling: recordOf(body.scaling),
      registry: recordOf(body.container_registry_settings),
      spot: body.is_spot === true,
      paused: false,
    };
    this.#byName.set(name, deployment);
    return deployment;
  }

  change(deployment: ContainerDeployment, body: JsonRecord): ContainerDeployment {
    const changes = recordsOf(body, 'containers');
    deployment.containers = deployment.containers.map((container) => {
      const change = changes.find((each) => each.name === container.name);
      return change === undefined
        ? container
        : named({ ...container, ...change }, String(container.name), deployment.createdAt);
    });
    if (isRecord(body.compute)) deployment.compute = body.compute;
    if (isRecord(body.scaling)) rescale(deployment, body.scaling);
    if (isRecord(body.container_registry_settings)) deployment.registry = body.container_registry_settings;
    if (typeof body.is_spot === 'boolean') deployment.spot = body.is_spot;
    return deployment;
  }

  remove(deployment: ContainerDeployment): Answer {
    this.#byName.delete(deployment.name);
    return { status: 200 };
  }
}

/** Returns a container as the API shows it: with a name, and with its image as an object. */
export function named(container: JsonRecord, name: string, since: string): JsonRecord {
  const { image } = container;
  const shown = typeof image === 'string' ? { image, last_updated_at: since } : image;
  const defaults = { env: [], volume_mounts: [], should_use_cached_image: false };
  return { ...defaults, ...container, name, image: shown };
}

function containerView({ name, containers, createdAt, compute, registry, spot }: ContainerDeployment) {
  const container_registry_settings = { is_private: false, credentials: null, ...registry };
  const endpoint_base_url = `https://containers.datacrunch.io/${name}`;
  const head = { name, endpoint_base_url, created_at: createdAt, compute };
  return { ...head, containers, container_registry_settings, is_spot: spot };
}

function rescale(deployment: ContainerDeployment, change: JsonRecord): JsonRecord {
  const scaling_triggers = { ...recordOf(deployment.scaling.scaling_triggers), ...recordOf(change.scaling_triggers) };
  const triggers = Object.keys(scaling_triggers).length === 0 ? {} : { scaling_triggers };
  deployment.scaling = { ...deployment.scaling, ...change, ...triggers };
  return deployment.scaling;
}

function replicas({ name, paused, createdAt }: ContainerDeployment) {
  return paused ? [] : [{ id: `${name}-0`.slice(-8), status: 'running', started_at: createdAt }];
}

function variables({ containers }: ContainerDeployment) {
  return containers.map((container) => ({ container_name: container.name, env: recordsOf(container, 'env') }));
}

function setVariables(deployment: ContainerDeployment, { method, body }: Call): Answer {
  const index = deployment.containers.findIndex(({ name }) => name === body.container_name);
  const container = deployment.containers[index];
  if (container === undefined) throw errorResponse('not_found', 'Container not found');
  const changed = new Set(method === 'DELETE' ? textsOf(body, 'env') : recordsOf(body, 'env').map(({ name }) => name));
  const kept = recordsOf(container, 'env').filter(({ name }) => !changed.has(name));
  deployment.containers[index] = {
    ...container,
    env: method === 'DELETE' ? kept : [...kept, ...recordsOf(body, 'env')],
  };
  return { status: 200, json: variables(deployment) };
}
