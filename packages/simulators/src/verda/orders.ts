import type { KeyStore } from '../key-store.ts';
import { booleanOf, isRecord, type JsonRecord, numberOf, recordOf, recordsOf, textOf, textsOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import { typeNamed } from './account.ts';
import { type InstanceType, images, locations } from './catalog.ts';
import { errorResponse } from './errors.ts';
import type { Scripts } from './scripts.ts';
import type { VolumeStore } from './volumes.ts';

/** A valid order. */
export interface Order {
  readonly type: InstanceType;
  readonly location: string;
  readonly spot: boolean;
  readonly keyIds: readonly string[];
}

/** Resources that an order can refer to. */
export interface OrderParts {
  readonly stock: Stock<InstanceType>;
  readonly keys: KeyStore;
  readonly scripts: Scripts;
  readonly volumes: VolumeStore;
}

/** Validates instance orders. */
export class Orders {
  readonly #stock: Stock<InstanceType>;
  readonly #keys: KeyStore;
  readonly #scripts: Scripts;
  readonly #volumes: VolumeStore;

  constructor({ stock, keys, scripts, volumes }: OrderParts) {
    this.#stock = stock;
    this.#keys = keys;
    this.#scripts = scripts;
    this.#volumes = volumes;
  }

  /** Parses an order. @throws ErrorResponse 400 when it is invalid */
  read(body: JsonRecord): Order {
    const type = typeNamed(this.#stock, textOf(body, 'instance_type'));
    const location = textOf(body, 'location_code') ?? '';
    if (!locations.some(({ code }) => code === location))
      throw errorResponse('invalid_request', 'Invalid location code');
    if ((textOf(body, 'description') ?? '').length > 100) {
      throw errorResponse('invalid_request', 'description must be shorter than or equal to 100 characters');
    }
    this.#checkImage(type, textOf(body, 'image') ?? '');
    this.#checkDisks(body);
    const keyIds = textsOf(body, 'ssh_key_ids');
    if (keyIds.some((id) => this.#keys.get(id) === undefined))
      throw errorResponse('invalid_request', 'Invalid SSH key id');
    const script = textOf(body, 'startup_script_id');
    if (script !== undefined && !this.#scripts.has(script))
      throw errorResponse('invalid_request', 'Invalid startup script id');
    return { type, location, keyIds, spot: booleanOf(body, 'is_spot') || body.contract === 'SPOT' };
  }

  #checkImage(type: InstanceType, wanted: string): void {
    const volume = this.#volumes.get(wanted);
    const known = images.find((image) => image.image_type === wanted || image.id === wanted);
    if (volume !== undefined) {
      if (volume.instanceId !== null) throw errorResponse('invalid_request', 'Volume is attached to another instance');
      return;
    }
    const supported = known !== undefined && (type.images.length === 0 || type.images.includes(known.image_type));
    if (!supported) throw errorResponse('invalid_request', 'Operating system is not valid for this instance type');
  }

  #checkDisks(body: JsonRecord): void {
    const os = recordOf(body.os_volume);
    const size = isRecord(body.os_volume) ? (numberOf(os, 'size') ?? 0) : 50;
    if (size < 50 || size > 10_240) throw errorResponse('invalid_request', 'OS volume size must be from 50 to 10240');
    this.#volumes.checkQuota([size, ...recordsOf(body, 'volumes').map((volume) => numberOf(volume, 'size') ?? 0)]);
    for (const id of textsOf(body, 'existing_volumes')) {
      const volume = this.#volumes.get(id);
      if (volume === undefined || volume.deletedAt !== undefined)
        throw errorResponse('invalid_request', 'Invalid volume id');
      if (volume.instanceId !== null) throw errorResponse('invalid_request', 'Volume is attached to another instance');
    }
  }
}
