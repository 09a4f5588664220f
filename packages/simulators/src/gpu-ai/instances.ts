import type { Answer } from '../answer.ts';
import { Fleet } from '../fleet.ts';
import type { Door } from '../network.ts';
import { numberOf, textOf, textsOf } from '../record.ts';
import type { Unit } from '../unit.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import type { GpuType } from './catalog.ts';
import type { Idempotency } from './idempotency.ts';
import type { Keys } from './keys.ts';
import { type Operation, Operations } from './operations.ts';
import { page } from './pages.ts';
import { problem, refusal } from './problems.ts';
import { priceOf, type Stock, type Tier } from './stock.ts';

interface Detail {
  readonly type: GpuType;
  readonly count: number;
  readonly region: string;
  readonly tier: Tier;
  readonly door: Door;
}

type Instance = Unit<Detail>;

/** Instances: created and deleted by operations that take their time. Terminated ones stay in the list. */
export class Instances {
  readonly fleet: Fleet<Detail>;
  readonly operations: Operations;
  readonly #world: World;
  readonly #stock: Stock;
  readonly #keys: Keys;

  constructor(world: World, stock: Stock, keys: Keys) {
    this.#world = world;
    this.#stock = stock;
    this.#keys = keys;
    this.operations = new Operations(world);
    this.fleet = new Fleet(world, 'gpu-ai', {
      onRunning: ({ id }) => this.operations.finish(this.operations.ofInstance(id, 'instance.create')),
      onGone: (unit) => this.#ended(unit),
    });
  }

  routes(idempotency: Idempotency): Route[] {
    return [
      {
        method: 'GET',
        path: '/instances',
        handle: ({ query }) =>
          page(
            this.fleet.listed().map((unit) => this.#view(unit)),
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
    if (type === undefined) throw refusal(422, 'invalid_gpu_type', `Unknown gpu_type ${textOf(body, 'gpu_type')}`);
    const count = numberOf(body, 'gpu_count') ?? 1;
    const tier: Tier = textOf(body, 'tier') === 'spot' ? 'spot' : 'on_demand';
    if (call.fault('no-funds') !== undefined) throw refusal(402, 'insufficient_balance', 'The balance is too low');
    const publicKeys = this.#keys.publicKeys(textsOf(body, 'ssh_key_ids'));
    const price = priceOf(type, tier);
    const nothing = refusal(
      409,
      'no-availability',
      `No ${type.name} available${textOf(body, 'region') === undefined ? '' : ` in ${textOf(body, 'region')}`}`,
    );
    if (price === undefined) throw nothing;
    const pricePerHour = Number((price * count).toFixed(4));
    if (pricePerHour > (numberOf(body, 'max_price_per_hour') ?? Number.POSITIVE_INFINITY)) {
      throw refusal(409, 'price-exceeded', `The price is ${pricePerHour} an hour`);
    }
    const region =
      call.fault('out-of-capacity') !== undefined ? undefined : this.#stock.take(type, count, textOf(body, 'region'));
    if (region === undefined) throw nothing;
    return accepted(this.#launch(call, { type, count, region, tier, pricePerHour, publicKeys }));
  }

  #launch(
    call: Call,
    order: Omit<Detail, 'door'> & { pricePerHour: number; publicKeys: readonly string[] },
  ): Operation {
    const { type, count, region, tier, pricePerHour, publicKeys } = order;
    const id = `inst_${this.#world.random.hex(16)}`;
    const label = textOf(call.body, 'name') ?? '';
    const door = this.#world.network.ownPort();
    const operation = this.operations.open('instance.create', id);
    this.fleet.launch(call, {
      id,
      label,
      pricePerHour,
      detail: { type, count, region, tier, door },
      machine: {
        user: 'root',
        hostname: label === '' ? id : label,
        authorizedKeys: publicKeys,
        gpu: { ...type.gpu, count },
        door,
      },
    });
    return operation;
  }

  #rename(call: Call): Answer {
    const unit = this.#found(call);
    unit.label = textOf(call.body, 'name') ?? unit.label;
    return { status: 200, json: this.#view(unit) };
  }

  async #delete(call: Call): Promise<Answer> {
    if (call.fault('delete-fails') !== undefined) return problem(500, 'internal_error', 'Internal error');
    const unit = this.#found(call);
    if (unit.phase === 'gone') throw refusal(404, 'not_found', 'Instance is already terminated');
    const running = this.operations.ofInstance(unit.id, 'instance.delete');
    if (running !== undefined) return accepted(running);
    const operation = this.operations.open('instance.delete', unit.id);
    await this.fleet.remove(unit, () => this.operations.finish(operation));
    return accepted(operation);
  }

  #found({ params }: Call): Instance {
    const unit = this.fleet.get(Object.values(params)[0] ?? '');
    if (unit === undefined) throw refusal(404, 'not_found', 'Instance not found');
    return unit;
  }

  #ended(unit: Instance): void {
    const { type, count, region } = unit.detail;
    this.#stock.give(type, count, region);
    const detail = unit.phase === 'failed' ? `No ${type.name} available in ${region}` : 'The instance was terminated';
    this.operations.finish(this.operations.ofInstance(unit.id, 'instance.create'), {
      code: 'operation_failed',
      detail,
    });
  }

  #view(unit: Instance) {
    const { type, count, region, tier, door } = unit.detail;
    const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
    return {
      id: unit.id,
      name: unit.label === '' ? null : unit.label,
      status: this.#status(unit),
      gpu_type: type.name,
      gpu_count: count,
      region,
      tier,
      // Of the whole instance, all its GPUs.
      price_per_hour: unit.pricePerHour,
      connection: unit.phase === 'running' ? connection(door) : null,
      created_at: new Date(unit.createdAt).toISOString(),
      ready_at: time(unit.readyAt),
      terminated_at: time(unit.goneAt),
    };
  }

  /** The words of the vendor's present SDKs; the published document has older ones. */
  #status(unit: Instance): string {
    switch (unit.phase) {
      case 'provisioning':
        return this.fleet.progress(unit) < 0.6 ? 'allocating' : 'starting';
      case 'deleting':
        return 'stopping';
      case 'gone':
        return 'terminated';
      case 'failed':
        return 'error';
      case 'running':
      case 'stopped':
        return unit.phase;
    }
  }
}

function accepted(operation: Operation): Answer {
  return { status: 202, json: { ...operation }, headers: { 'operation-id': operation.operation_id } };
}

function connection({ host, port }: Door) {
  return { hostname: host, port, ssh_command: `ssh -p ${port} root@${host}` };
}
