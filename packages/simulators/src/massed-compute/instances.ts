import type { Answer } from '../answer.ts';
import { Fleet } from '../fleet.ts';
import { numberOf, textOf, textsOf } from '../record.ts';
import type { Unit } from '../unit.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { images, type Product, regions, sxmOnlyImage } from './catalog.ts';
import { errorAnswer, refusal } from './errors.ts';
import type { Keys } from './keys.ts';
import type { Stock } from './stock.ts';

interface Detail {
  readonly product: Product;
  readonly region: string;
  readonly image: (typeof images)[number];
  readonly keyNames: readonly string[];
  readonly command: string;
  readonly ip: string;
  readonly password: string;
}

type Instance = Unit<Detail>;

/** One of two spellings that the vendor's documents use. */
const user = 'Ubuntu';

/** Virtual machines: launched, restarted, and terminated in batches. There is no stopping. */
export class Instances {
  readonly fleet: Fleet<Detail>;
  readonly #world: World;
  readonly #stock: Stock;
  readonly #keys: Keys;

  constructor(world: World, stock: Stock, keys: Keys) {
    this.#world = world;
    this.#stock = stock;
    this.#keys = keys;
    this.fleet = new Fleet(world, 'massed-compute', {
      // Termination stops billing at that moment (vendor's agent plugin, mc-safe-terminate).
      deletesAtOnce: true,
      onGone: ({ detail }) => stock.give(detail.product, detail.region),
    });
  }

  routes(): Route[] {
    return [
      {
        method: 'GET',
        path: '/instance',
        handle: () => ({ status: 200, json: { runningInstances: this.#listed().map((unit) => this.#view(unit)) } }),
      },
      { method: 'GET', path: '/instance/{}', handle: ({ params }) => this.#get(Object.values(params)[0] ?? '') },
      {
        method: 'POST',
        path: '/instance/launch',
        handle: (call) => ({ status: 202, json: { response: this.#launch(call).id } }),
      },
      {
        method: 'POST',
        path: '/instance/restart',
        handle: ({ body }) => this.#restart(textsOf(body, 'instanceUuids')),
      },
      { method: 'POST', path: '/instance/terminate', handle: (call) => this.#terminate(call) },
    ];
  }

  #listed(): readonly Instance[] {
    return this.fleet.listed().filter(({ phase }) => phase !== 'gone');
  }

  #get(id: string): Answer {
    const unit = this.fleet.get(id);
    // A list, and an empty one for an unknown uuid: skyward, brevdev/cloud and the vendor's own end-to-end notes of 2026-07-30. The
    // document's `runningInstance` comes beside it, for clients that were written by the document.
    if (unit === undefined || unit.phase === 'gone') return { status: 200, json: { runningInstances: [] } };
    const shown = this.#view(unit);
    return { status: 200, json: { runningInstance: shown, runningInstances: [shown] } };
  }

  #launch(call: Call): Instance {
    const { body } = call;
    if (call.fault('no-funds') !== undefined) throw refusal(402, 'Recharge amount and recharge threshold must be set');
    const product = this.#stock.product(textOf(body, 'productName') ?? '');
    const image = images.find(({ vm_image_id }) => vm_image_id === numberOf(body, 'imageId'));
    if (image === undefined) throw refusal(422, 'VM Image not found');
    const fits = image.vm_image_id !== sxmOnlyImage || product.gpu.name.includes('SXM');
    if (!fits) throw refusal(422, 'Product does not support the VM Image');
    if (product.cents === 0) throw refusal(403, 'Product is not available to your account');
    const keyNames = textsOf(body, 'sshKeys');
    const authorizedKeys = keyNames.map((name) => this.#keys.named(name)?.public_key);
    if (authorizedKeys.includes(undefined)) throw refusal(422, 'SSH key not found');
    const soldOut = call.fault('out-of-capacity') !== undefined;
    const region = soldOut ? undefined : this.#stock.take(product, textOf(body, 'regionName') ?? 'any');
    if (region === undefined) throw refusal(409, 'There is no capacity available for the selected product');
    const door = this.#world.network.ownAddress('massed-compute');
    const id = this.#world.random.uuid();
    const label = textOf(body, 'instanceName') ?? `vm-${id.slice(0, 8)}`;
    return this.fleet.launch(call, {
      id,
      label,
      pricePerHour: product.cents / 100,
      detail: {
        product,
        region,
        image,
        keyNames,
        command: textOf(body, 'command') ?? '',
        ip: door.host,
        password: this.#world.random.hex(12),
      },
      machine: {
        user,
        hostname: label,
        authorizedKeys: authorizedKeys.filter((key) => key !== undefined),
        gpu: product.gpu,
        door,
      },
    });
  }

  async #restart(ids: readonly string[]): Promise<Answer> {
    const units = ids.map((id) => this.#known(id)).filter(({ phase }) => phase === 'running');
    for (const unit of units) await this.fleet.restart(unit);
    return { status: 202, json: { response: units.map((unit) => this.#shortView(unit, 'booting')) } };
  }

  /** Terminating what is terminated already is fine; what never was is a 404. */
  async #terminate(call: Call): Promise<Answer> {
    if (call.fault('delete-fails') !== undefined) return errorAnswer(500, 'Internal Server Error');
    const units = textsOf(call.body, 'instanceUuids').map((id) => this.#known(id));
    await Promise.all(units.map((unit) => this.fleet.remove(unit)));
    const terminated_instances = units.map((unit) => this.#shortView(unit, 'terminated'));
    return { status: 202, json: { response: { data: { terminated_instances } } } };
  }

  #known(id: string): Instance {
    const unit = this.fleet.get(id);
    if (unit === undefined) throw refusal(404, 'Instance not found');
    return unit;
  }

  #view(unit: Instance) {
    const { product, region, image, command, ip, password } = unit.detail;
    const progress = this.fleet.progress(unit);
    const price = product.cents / 100;
    return {
      uuid: unit.id,
      name: unit.label,
      // An address comes before the machine has booted.
      ip: progress < 0.4 ? '' : ip,
      username: user,
      password,
      status: this.#status(unit, progress),
      os_booted: unit.phase === 'running' ? 1 : 0,
      command_startup: command,
      created: new Date(unit.createdAt).toISOString(),
      active: 1,
      image: { id: image.vm_image_id, name: image.vm_image_name, description: image.vm_image_description },
      product: {
        name: product.name,
        description: product.description,
        gpu_count: product.gpu.count,
        vcpu: product.vcpus,
        ram: product.memory,
        storage: product.storage,
        price_hr: price.toFixed(6),
        final_price_hr: price.toFixed(6),
      },
      region: regionView(region),
    };
  }

  #status(unit: Instance, progress: number): string {
    if (unit.phase === 'running') return 'Running';
    if (unit.phase === 'failed') return 'error';
    return progress < 0.4 ? 'rented' : 'booting';
  }

  #shortView({ id, label, detail: { product, region, keyNames, ip } }: Instance, status: string) {
    return {
      id,
      name: label,
      ip,
      status,
      ssh_key_names: keyNames,
      file_system_names: [],
      region: regionView(region),
      instance_type: {
        name: product.name,
        description: product.description,
        price_cents_per_hour: product.cents,
        specs: { vcpus: product.vcpus, memory_gib: product.memory, storage_gb: product.storage },
      },
      jupyter_token: '',
      jupyter_url: '',
    };
  }
}

export function regionView(name: string) {
  return { name, description: regions[name] ?? '' };
}
