import type { Answer } from '../answer.ts';
import type { Instance } from '../instance.ts';
import { InstanceStore } from '../instance-store.ts';
import type { SshEndpoint } from '../network.ts';
import { numberOf, textOf, textsOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import type { GpuType } from './catalog.ts';
import type { Idempotency } from './idempotency.ts';
import type { Keys } from './keys.ts';
import { type Operation, Operations } from './operations.ts';
import { page } from './pages.ts';
import { errorResponse, problem } from './problems.ts';
import { priceOf, type Stock, type Tier } from './stock.ts';

interface Detail {
  readonly type: GpuType;
  readonly count: number;
  readonly region: string;
  readonly tier: Tier;
  readonly sshEndpoint: SshEndpoint;
}

type GpuAiInstance = Instance<Detail>;

/** The instances of the account, created and deleted by long-running operations. Terminated instances stay listed. */
export class Instances {
  readonly store: InstanceStore<Detail>;
  readonly operations: Operations;
  readonly #world: World;
  readonly #stock: Stock;
  readonly #keys: Keys;

  constructor(world: World, stock: Stock, keys: Keys) {
    this.#world = world;
    this.#stock = stock;
    this.#keys = keys;
    this.operations = new Operations(world);
    this.store = new InstanceStore(world, 'gpu-ai', {
      onRunning: ({ id }) => this.operations.finish(this.operations.ofInstance(id, 'instance.create')),
      onGone: (instance) => this.#onGone(instance),
    });
  }

  routes(idempotency: Idempotency): Route[] {
    return [
      {
        method: 'GET',
        path: '/instances',
        handle: ({ query }) =>
          page(
            this.store.listed().map((instance) => this.#view(instance)),
            query,
          ),
      },
      { method: 'POST', path: '/instances', ...idempotency.once((call) => this.#create(call)) },
      {
        method: 'GET',
        path: '/instances/{}',
        handle: (call) => ({ status: 200, json: this.#view(this.#found(call)) }),
      },
      { method: 'PATCH', path: '/instances/{}', ...idempotency.once((call) => this.#rename(call)) },
      { method: 'DELETE', path: '/instances/{}', ...idempotency.once((call) => this.#delete(call)) },
      {
        method: 'GET',
        path: '/operations/{}',
        handle: ({ params }) => ({ status: 200, json: this.operations.found(Object.values(params)[0] ?? '') }),
      },
    ];
  }

  #create(call: Call): Answer {
    const { body } = call;
    const type = this.#stock.type(textOf(body, 'gpu_type') ?? '');
    if (type === undefined)
      throw errorResponse(422, 'invalid_gpu_type', `Unknown gpu_type ${textOf(body, 'gpu_type')}`);
    const count = numberOf(body, 'gpu_count') ?? 1;
    const tier: Tier = textOf(body, 'tier') === 'spot' ? 'spot' : 'on_demand';
    if (call.fault('no-funds') !== undefined)
      throw errorResponse(402, 'insufficient_balance', 'The balance is too low');
    const publicKeys = this.#keys.publicKeys(textsOf(body, 'ssh_key_ids'));
    const price = priceOf(type, tier);
    const nothing = errorResponse(
      409,
      'no-availability',
      `No ${type.name} available${textOf(body, 'region') === undefined ? '' : ` in ${textOf(body, 'region')}`}`,
    );
    if (price === undefined) throw nothing;
    const pricePerHour = Number((price * count).toFixed(4));
    if (pricePerHour > (numberOf(body, 'max_price_per_hour') ?? Number.POSITIVE_INFINITY)) {
      throw errorResponse(409, 'price-exceeded', `The price is ${pricePerHour} an hour`);
    }
    const region =
      call.fault('out-of-capacity') !== undefined ? undefined : this.#stock.take(type, count, textOf(body, 'region'));
    if (region === undefined) throw nothing;
    return accepted(this.#launch(call, { type, count, region, tier, pricePerHour, publicKeys }));
  }

  #launch(
    call: Call,
    order: Omit<Detail, 'sshEndpoint'> & { pricePerHour: number; publicKeys: readonly string[] },
  ): Operation {
    const { type, count, region, tier, pricePerHour, publicKeys } = order;
    const id = `inst_${this.#world.random.hex(16)}`;
    const name = textOf(call.body, 'name') ?? '';
    const sshEndpoint = this.#world.network.ownPort();
    const operation = this.operations.open('instance.create', id);
    this.store.launch(call, {
      id,
      name,
      pricePerHour,
      detail: { type, count, region, tier, sshEndpoint },
      runtime: {
        user: 'root',
        hostname: name === '' ? id : name,
        authorizedKeys: publicKeys,
        gpu: { ...type.gpu, count },
        sshEndpoint,
      },
    });
    return operation;
  }

  #rename(call: Call): Answer {
    const instance = this.#found(call);
    instance.name = textOf(call.body, 'name') ?? instance.name;
    return { status: 200, json: this.#view(instance) };
  }

  async #delete(call: Call): Promise<Answer> {
    if (call.fault('delete-fails') !== undefined) return problem(500, 'internal_error', 'Internal error');
    const instance = this.#found(call);
    if (instance.phase === 'gone') throw errorResponse(404, 'not_found', 'Instance is already terminated');
    const running = this.operations.ofInstance(instance.id, 'instance.delete');
    if (running !== undefined) return accepted(running);
    const operation = this.operations.open('instance.delete', instance.id);
    await this.store.remove(instance, () => this.operations.finish(operation));
    return accepted(operation);
  }

  #found({ params }: Call): GpuAiInstance {
    const instance = this.store.get(Object.values(params)[0] ?? '');
    if (instance === undefined) throw errorResponse(404, 'not_found', 'Instance not found');
    return instance;
  }

  #onGone(instance: GpuAiInstance): void {
    const { type, count, region } = instance.detail;
    this.#stock.give(type, count, region);
    const detail =
      instance.phase === 'failed' ? `No ${type.name} available in ${region}` : 'The instance was terminated';
    this.operations.finish(this.operations.ofInstance(instance.id, 'instance.create'), {
      code: 'operation_failed',
      detail,
    });
  }

  #view(instance: GpuAiInstance) {
    const { type, count, region, tier, sshEndpoint } = instance.detail;
    const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
    return {
      id: instance.id,
      name: instance.name === '' ? null : instance.name,
      status: this.#status(instance),
      gpu_type: type.name,
      gpu_count: count,
      region,
      tier,
      // Price of the whole instance with all its GPUs.
      price_per_hour: instance.pricePerHour,
      connection: instance.phase === 'running' ? connection(sshEndpoint) : null,
      created_at: new Date(instance.createdAt).toISOString(),
      ready_at: time(instance.readyAt),
      terminated_at: time(instance.goneAt),
    };
  }

  /** Returns the status in the words of the vendor's current SDKs. The published document has older words. */
  #status(instance: GpuAiInstance): string {
    switch (instance.phase) {
      case 'provisioning':
        return this.store.progress(instance) < 0.6 ? 'allocating' : 'starting';
      case 'deleting':
        return 'stopping';
      case 'gone':
        return 'terminated';
      case 'failed':
        return 'error';
      case 'running':
      case 'stopped':
        return instance.phase;
    }
  }
}

function accepted(operation: Operation): Answer {
  return { status: 202, json: { ...operation }, headers: { 'operation-id': operation.operation_id } };
}

function connection({ host, port }: SshEndpoint) {
  return { hostname: host, port, ssh_command: `ssh -p ${port} root@${host}` };
}
