import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { recordsOf, textsOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import type { InstanceType } from './catalog.ts';
import { errorResponse } from './errors.ts';
import { change, readOrder, rescale, type Serverless, serverlessView } from './serverless.ts';

interface ContainerDeployment extends Serverless {
  spot: boolean;
  paused: boolean;
}

/** The container deployments of the project. They are stored, but they run nothing and are not billed. */
export class ContainerDeployments {
  readonly #world: World;
  readonly #stock: Stock<InstanceType>;
  readonly #byName = new Map<string, ContainerDeployment>();

  constructor(world: World, stock: Stock<InstanceType>) {
    this.#world = world;
    this.#stock = stock;
  }

  all(): readonly ContainerDeployment[] {
    return [...this.#byName.values()];
  }

  handlers(): Handlers<OperationIds['verda']> {
    const one = ({ id }: Call): ContainerDeployment => {
      const deployment = this.#byName.get(id);
      if (deployment === undefined) throw errorResponse('not_found', 'Deployment not found');
      return deployment;
    };
    const command = (paused?: boolean) => (call: Call) => {
      const deployment = one(call);
      deployment.paused = paused ?? deployment.paused;
      return { status: 201 };
    };
    return {
      listContainerDeployments: () => ok(this.all().map(view)),
      createContainerDeployment: (call) => ok(view(this.#create(call)), 201),
      getContainerDeployment: (call) => ok(view(one(call))),
      updateContainerDeployment: (call) => {
        const deployment = one(call);
        change(deployment, call.body, this.#stock);
        if (typeof call.body.is_spot === 'boolean') deployment.spot = call.body.is_spot;
        return ok(view(deployment));
      },
      deleteContainerDeployment: (call) => {
        this.#byName.delete(one(call).name);
        return { status: 200 };
      },
      getContainerDeploymentStatus: (call) => ok({ status: one(call).paused ? 'paused' : 'healthy' }),
      getContainerDeploymentScaling: (call) => ok(one(call).scaling),
      updateContainerDeploymentScaling: (call) => {
        rescale(one(call), call.body);
        return ok(one(call).scaling);
      },
      listContainerDeploymentReplicas: (call) => ok({ list: replicas(one(call)) }),
      restartContainerDeployment: command(),
      purgeContainerDeploymentQueue: command(),
      pauseContainerDeployment: command(true),
      resumeContainerDeployment: command(false),
      listContainerDeploymentEnvironmentVariables: (call) => ok(variables(one(call))),
      addContainerDeploymentEnvironmentVariables: (call) => ok(setVariables(one(call), call)),
      deleteContainerDeploymentEnvironmentVariables: (call) => ok(setVariables(one(call), call)),
      // One object, unlike the others: verda-cloud/sdk-python@164e09a.
      updateContainerDeploymentEnvironmentVariables: (call) =>
        ok(setVariables(one(call), call).find(({ container_name }) => container_name === call.body.container_name)),
    };
  }

  #create(call: Call): ContainerDeployment {
    const order = readOrder(call, this.#stock, this.#world.clock.now());
    if (this.#byName.has(order.name)) throw errorResponse('conflict', 'A deployment with this name already exists');
    const deployment = { ...order, spot: call.body.is_spot === true, paused: false };
    this.#byName.set(order.name, deployment);
    return deployment;
  }
}

function view(deployment: ContainerDeployment) {
  return { ...serverlessView(deployment), is_spot: deployment.spot };
}

function replicas({ name, paused, createdAt }: ContainerDeployment) {
  const started_at = new Date(createdAt).toISOString();
  return paused ? [] : [{ id: `${name}-0`.slice(-8), status: 'running', started_at }];
}

function variables({ containers }: ContainerDeployment) {
  return containers.map((container) => ({ container_name: container.name, env: recordsOf(container, 'env') }));
}

function setVariables(deployment: ContainerDeployment, { method, body }: Call): ReturnType<typeof variables> {
  const names = method === 'DELETE' ? textsOf(body, 'env') : recordsOf(body, 'env').map(({ name }) => String(name));
  if (!deployment.containers.some(({ name }) => name === body.container_name))
    throw errorResponse('not_found', 'Container not found');
  deployment.containers = deployment.containers.map((container) => {
    if (container.name !== body.container_name) return container;
    const kept = recordsOf(container, 'env').filter(({ name }) => !names.includes(String(name)));
    return { ...container, env: method === 'DELETE' ? kept : [...kept, ...recordsOf(body, 'env')] };
  });
  return variables(deployment);
}
