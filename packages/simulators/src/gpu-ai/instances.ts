import { type Answer, ok } from '../answer.ts';
import type { Instance } from '../instance.ts';
import { InstanceStore } from '../instance-store.ts';
import type { KeyStore } from '../key-store.ts';
import type { SshEndpoint } from '../network.ts';
import type { OperationIds } from '../operation-ids.ts';
import { numberOf, textOf, textsOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { type GpuType, priceOf, type Tier } from './catalog.ts';
import { configuredDisk, withDisk } from './disk.ts';
import { publicKeysOf } from './keys.ts';
import { type Operation, Operations } from './operations.ts';
import { page } from './pages.ts';
import { errorResponse, problem } from './problems.ts';

interface Detail {
  readonly type: GpuType;
  readonly count: number;
  readonly region: string;
  readonly tier: Tier;
  /** GB of disk that the vendor configured. Undefined if the host decides. */
  readonly disk: number | undefined;
  readonly sshEndpoint: SshEndpoint;
  /** Hours of running after which the vendor terminates the instance. */
  readonly autoTerminateHours: number | undefined;
  /** Why it failed or was terminated, if the vendor has something to explain. */
  statusReason?: string;
}

type GpuAiInstance = Instance<Detail>;

/** The instances of the account, created and deleted by long-running operations. Terminated instances stay listed. */
export class Instances {
  readonly store: InstanceStore<Detail>;
  readonly operations: Operations;
  readonly #world: World;
  readonly #stock: Stock<GpuType>;
  readonly #keys: KeyStore;

  constructor(world: World, stock: Stock<GpuType>, keys: KeyStore) {
    this.#world = world;
    this.#stock = stock;
    this.#keys = keys;
    this.operations = new Operations(world);
    this.store = new InstanceStore(world, 'gpu-ai', {
      onRunning: (instance) => this.#onRunning(instance),
      onGone: (instance) => this.#onGone(instance),
    });
  }

  handlers(): Handlers<OperationIds['gpu-ai']> {
    return {
      listInstances: ({ query }) => page(this.#listed(query.get('status')), query),
      createInstance: (call) => this.#create(call),
      getInstance: (call) => ok(this.#view(this.#found(call))),
      updateInstance: (call) => this.#rename(call),
      deleteInstance: (call) => this.#delete(call),
      getOperation: ({ id }) => ok(this.operations.found(id)),
    };
  }

  /** Without a status, lists all but the terminated instances: gpuai-sdk 0.3.18. */
  #listed(status: string | null) {
    const views = this.store.listed().map((instance) => this.#view(instance));
    if (status === 'all') return views;
    if (status === null) return views.filter((view) => view.status !== 'terminated');
    // An unreachable instance is listed as running.
    return views.filter((view) => (view.status === 'unreachable' ? 'running' : view.status) === status);
  }

  #create(call: Call): Answer {
    const { body } = call;
    const type = this.#stock.find(textOf(body, 'gpu_type'));
    if (type === undefined)
      throw errorResponse(422, 'invalid_gpu_type', `Unknown gpu_type ${textOf(body, 'gpu_type')}`);
    const count = numberOf(body, 'gpu_count') ?? 1;
    const tier: Tier = textOf(body, 'tier') === 'spot' ? 'spot' : 'on_demand';
    if (call.fault('no-funds') !== undefined)
      throw errorResponse(402, 'insufficient_balance', 'The balance is too low');
    const publicKeys = publicKeysOf(this.#keys, textsOf(body, 'ssh_key_ids'));
    const price = priceOf(type, tier);
    const nothing = errorResponse(
      409,
      'no-availability',
      `No ${type.name} available${textOf(body, 'region') === undefined ? '' : ` in ${textOf(body, 'region')}`}`,
    );
    if (price === undefined) throw nothing;
    const disk = configuredDisk(type, numberOf(body, 'disk_gb'));
    const pricePerHour = withDisk(Number((price * count).toFixed(4)), disk);
    if (pricePerHour > (numberOf(body, 'max_price_per_hour') ?? Number.POSITIVE_INFINITY)) {
      throw errorResponse(409, 'price-exceeded', `The price is ${pricePerHour} an hour`);
    }
    const region =
      call.fault('out-of-capacity') !== undefined ? undefined : this.#stock.take(type, textOf(body, 'region'), count);
    if (region === undefined) throw nothing;
    const autoTerminateHours = numberOf(body, 'auto_terminate_hours');
    const order = { type, count, region, tier, disk, pricePerHour, publicKeys, autoTerminateHours };
    return accepted(this.#launch(call, order));
  }

  #launch(
    call: Call,
    order: Omit<Detail, 'sshEndpoint'> & { pricePerHour: number; publicKeys: readonly string[] },
  ): Operation {
    const { type, count, region, tier, disk, pricePerHour, publicKeys, autoTerminateHours } = order;
    const id = `inst_${this.#world.random.hex(16)}`;
    const name = textOf(call.body, 'name') ?? '';
    const sshEndpoint = this.#world.network.ownPort();
    const operation = this.operations.open('instance.create', id);
    this.store.launch(call, {
      id,
      name,
      pricePerHour,
      detail: { type, count, region, tier, disk, sshEndpoint, autoTerminateHours },
      hardware: { region, vcpus: type.cores, memory: type.memory },
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
    return ok(this.#view(instance));
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

  #found({ id }: Call): GpuAiInstance {
    const instance = this.store.get(id);
    if (instance === undefined) throw errorResponse(404, 'not_found', 'Instance not found');
    return instance;
  }

  /** Starts the countdown of `auto_terminate_hours`, which does not include the boot: gpuai-sdk 0.3.18. */
  #onRunning(instance: GpuAiInstance): void {
    this.operations.finish(this.operations.ofInstance(instance.id, 'instance.create'));
    const hours = instance.detail.autoTerminateHours;
    if (hours === undefined) return;
    this.store.later(instance, hours * 3600, async () => {
      instance.detail.statusReason = `Terminated: this instance reached the ${hours}-hour runtime limit set at launch`;
      await this.store.remove(instance);
    });
  }

  #onGone(instance: GpuAiInstance): void {
    const { type, count, region } = instance.detail;
    this.#stock.give(type, region, count);
    if (instance.preempted) instance.detail.statusReason = 'The spot capacity was reclaimed';
    if (instance.phase === 'failed') instance.detail.statusReason = `No ${type.name} available in ${region}`;
    const detail = instance.detail.statusReason ?? 'The instance was terminated';
    this.operations.finish(this.operations.ofInstance(instance.id, 'instance.create'), {
      code: 'operation_failed',
      detail,
    });
  }

  #view(instance: GpuAiInstance) {
    const { type, count, region, tier, disk, sshEndpoint, autoTerminateHours, statusReason } = instance.detail;
    const unreachableSince = instance.phase === 'running' ? instance.runtime?.unreachableSince : undefined;
    const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
    return {
      id: instance.id,
      name: instance.name === '' ? null : instance.name,
      status: unreachableSince === undefined ? this.#status(instance) : 'unreachable',
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
      // The fields below are from gpuai-sdk 0.3.18, which omits them without a value.
      disk_gb: disk,
      auto_terminate_hours: autoTerminateHours,
      auto_terminate_at:
        autoTerminateHours === undefined || instance.readyAt === undefined || instance.phase === 'gone'
          ? undefined
          : new Date(instance.readyAt + autoTerminateHours * 3_600_000).toISOString(),
      status_reason: statusReason,
      unreachable_since: unreachableSince === undefined ? undefined : new Date(unreachableSince).toISOString(),
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
  return { ...ok({ ...operation }, 202), headers: { 'operation-id': operation.operation_id } };
}

function connection({ host, port }: SshEndpoint) {
  return { hostname: host, port, ssh_command: `ssh -p ${port} root@${host}` };
}
