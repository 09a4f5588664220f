import { type Answer, ok } from '../answer.ts';
import type { Instance } from '../instance.ts';
import { InstanceStore } from '../instance-store.ts';
import type { KeyStore } from '../key-store.ts';
import type { OperationIds } from '../operation-ids.ts';
import { numberOf, textOf, textsOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { centsOf, images, type Product, regions, regionView, sxmOnlyImage } from './catalog.ts';
import { errorAnswer, errorResponse } from './errors.ts';

interface Detail {
  readonly product: Product;
  readonly region: string;
  readonly image: (typeof images)[number];
  readonly keyNames: readonly string[];
  readonly command: string;
  readonly ip: string;
  readonly password: string;
}

type MassedComputeInstance = Instance<Detail>;

/** Login user, in one of the two spellings of the vendor's documents. */
const user = 'Ubuntu';

/** The instances of the account. They can be launched, restarted, and terminated in batches, but not stopped. */
export class Instances {
  readonly store: InstanceStore<Detail>;
  readonly #world: World;
  readonly #stock: Stock<Product>;
  readonly #keys: KeyStore;

  constructor(world: World, stock: Stock<Product>, keys: KeyStore) {
    this.#world = world;
    this.#stock = stock;
    this.#keys = keys;
    this.store = new InstanceStore(world, 'massed-compute', {
      // Termination ends billing at once (vendor's agent plugin, mc-safe-terminate).
      deletesAtOnce: true,
      onGone: ({ detail }) => stock.give(detail.product, detail.region),
    });
  }

  handlers(): Handlers<OperationIds['massed-compute']> {
    return {
      listInstances: () => ok({ runningInstances: this.#listed().map((instance) => this.#view(instance)) }),
      getInstance: ({ id }) => this.#get(id),
      launchInstance: (call) => ok({ response: this.#launch(call).id }, 202),
      restartInstances: ({ body }) => this.#restart(textsOf(body, 'instanceUuids')),
      terminateInstances: (call) => this.#terminate(call),
    };
  }

  #listed(): readonly MassedComputeInstance[] {
    return this.store.listed().filter(({ phase }) => phase !== 'gone');
  }

  #get(id: string): Answer {
    const instance = this.store.get(id);
    // The vendor returns a list, empty for an unknown uuid: skyward, brevdev/cloud, and the vendor's own end-to-end notes of
    // 2026-07-30. The documented `runningInstance` is added for clients written from the document.
    if (instance === undefined || instance.phase === 'gone') return ok({ runningInstances: [] });
    const shown = this.#view(instance);
    return ok({ runningInstance: shown, runningInstances: [shown] });
  }

  #launch(call: Call): MassedComputeInstance {
    const { body } = call;
    if (call.fault('no-funds') !== undefined)
      throw errorResponse(402, 'Recharge amount and recharge threshold must be set');
    const product = this.#stock.find(textOf(body, 'productName'));
    if (product === undefined) throw errorResponse(422, 'Product not found');
    const image = images.find(({ vm_image_id }) => vm_image_id === numberOf(body, 'imageId'));
    if (image === undefined) throw errorResponse(422, 'VM Image not found');
    const fits = image.vm_image_id !== sxmOnlyImage || product.gpu.name.includes('SXM');
    if (!fits) throw errorResponse(422, 'Product does not support the VM Image');
    if (product.pricePerHour === 0) throw errorResponse(403, 'Product is not available to your account');
    const keyNames = textsOf(body, 'sshKeys');
    const authorizedKeys = keyNames.map((name) => this.#keys.named(name)?.publicKey);
    if (authorizedKeys.includes(undefined)) throw errorResponse(422, 'SSH key not found');
    const soldOut = call.fault('out-of-capacity') !== undefined;
    const wanted = textOf(body, 'regionName') ?? 'any';
    if (wanted !== 'any' && regions[wanted] === undefined) throw errorResponse(422, 'Region not found');
    const region = soldOut ? undefined : this.#stock.take(product, wanted === 'any' ? undefined : wanted);
    if (region === undefined) throw errorResponse(409, 'There is no capacity available for the selected product');
    const sshEndpoint = this.#world.network.ownAddress('massed-compute');
    const id = this.#world.random.uuid();
    const name = textOf(body, 'instanceName') ?? `vm-${id.slice(0, 8)}`;
    return this.store.launch(call, {
      id,
      name,
      pricePerHour: product.pricePerHour,
      detail: {
        product,
        region,
        image,
        keyNames,
        command: textOf(body, 'command') ?? '',
        ip: sshEndpoint.host,
        password: this.#world.random.hex(12),
      },
      hardware: { region, vcpus: product.vcpus, memory: product.memory },
      runtime: {
        user,
        hostname: name,
        authorizedKeys: authorizedKeys.filter((key) => key !== undefined),
        gpu: product.gpu,
        sshEndpoint,
      },
    });
  }

  async #restart(ids: readonly string[]): Promise<Answer> {
    const instances = ids.map((id) => this.#known(id)).filter(({ phase }) => phase === 'running');
    for (const instance of instances) await this.store.restart(instance);
    return ok({ response: instances.map((instance) => this.#shortView(instance, 'booting')) }, 202);
  }

  /** Terminates a batch. A terminated instance is not an error; an unknown one is a 404. */
  async #terminate(call: Call): Promise<Answer> {
    if (call.fault('delete-fails') !== undefined) return errorAnswer(500, 'Internal Server Error');
    const instances = textsOf(call.body, 'instanceUuids').map((id) => this.#known(id));
    await Promise.all(instances.map((instance) => this.store.remove(instance)));
    const terminated_instances = instances.map((instance) => this.#shortView(instance, 'terminated'));
    return ok({ response: { data: { terminated_instances } } }, 202);
  }

  #known(id: string): MassedComputeInstance {
    const instance = this.store.get(id);
    if (instance === undefined) throw errorResponse(404, 'Instance not found');
    return instance;
  }

  #view(instance: MassedComputeInstance) {
    const { product, region, image, command, ip, password } = instance.detail;
    const progress = this.store.progress(instance);
    return {
      uuid: instance.id,
      name: instance.name,
      // The address is known before the instance has booted.
      ip: progress < 0.4 ? '' : ip,
      username: user,
      password,
      status: this.#status(instance, progress),
      os_booted: instance.phase === 'running' ? 1 : 0,
      command_startup: command,
      created: new Date(instance.createdAt).toISOString(),
      active: 1,
      image: { id: image.vm_image_id, name: image.vm_image_name, description: image.vm_image_description },
      product: {
        name: product.name,
        description: product.description,
        gpu_count: product.gpu.count,
        vcpu: product.vcpus,
        ram: product.memory,
        storage: product.storage,
        price_hr: instance.pricePerHour.toFixed(6),
        final_price_hr: instance.pricePerHour.toFixed(6),
      },
      region: regionView(region),
    };
  }

  #status(instance: MassedComputeInstance, progress: number): string {
    if (instance.phase === 'running') return 'Running';
    if (instance.phase === 'failed') return 'error';
    return progress < 0.4 ? 'rented' : 'booting';
  }

  #shortView({ id, name, detail: { product, region, keyNames, ip } }: MassedComputeInstance, status: string) {
    return {
      id,
      name,
      ip,
      status,
      ssh_key_names: keyNames,
      file_system_names: [],
      region: regionView(region),
      instance_type: {
        name: product.name,
        description: product.description,
        price_cents_per_hour: centsOf(product),
        specs: { vcpus: product.vcpus, memory_gib: product.memory, storage_gb: product.storage },
      },
      jupyter_token: '',
      jupyter_url: '',
    };
  }
}
