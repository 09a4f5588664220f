import type { World } from '../world.ts';
import { hoursPerMonth, volumePrices } from './catalog.ts';
import { errorResponse } from './errors.ts';

export type SpotPolicy = 'keep_detached' | 'move_to_trash' | 'delete_permanently';

export interface Volume {
  readonly id: string;
  name: string;
  /** GB. */
  size: number;
  readonly type: string;
  readonly location: string;
  readonly createdAt: number;
  readonly isOs: boolean;
  readonly keyIds: readonly string[];
  /** What happens to it when a spot instance is taken away. */
  readonly onSpotDiscontinue: SpotPolicy;
  instanceId: string | null;
  /** In the trash since. */
  deletedAt?: number;
  gone: boolean;
}

export type NewVolume = Pick<Volume, 'name' | 'size' | 'type' | 'location'> &
  Partial<Pick<Volume, 'isOs' | 'keyIds' | 'onSpotDiscontinue' | 'instanceId'>>;

const trashHours = 96;
const volumeQuota = 100;
/** GB. */
const storageQuota = 100_000;

/** The project's disks. A detached one goes on billing; one in the trash does not, and is gone after 96 hours. */
export class VolumeStore {
  readonly #world: World;
  readonly #volumes = new Map<string, Volume>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Those that are not in the trash. */
  present(): readonly Volume[] {
    return [...this.#volumes.values()].filter((volume) => volume.deletedAt === undefined);
  }

  trash(): readonly Volume[] {
    return [...this.#volumes.values()].filter((volume) => volume.deletedAt !== undefined && !volume.gone);
  }

  get(id: string): Volume | undefined {
    return this.#volumes.get(id);
  }

  attachedTo(instanceId: string): readonly Volume[] {
    return this.present().filter((volume) => volume.instanceId === instanceId);
  }

  /** @throws ErrorResponse over the quota */
  checkQuota(sizes: readonly number[]): void {
    // The trash counts too.
    const counted = [...this.present(), ...this.trash()];
    const total = [...counted.map((volume) => volume.size), ...sizes].reduce((sum, size) => sum + size, 0);
    if (counted.length + sizes.length > volumeQuota) throw errorResponse('invalid_request', 'Volume limit exceeded');
    if (total > storageQuota) throw errorResponse('invalid_request', 'Storage limit exceeded');
  }

  create(order: NewVolume): Volume {
    const volume: Volume = {
      isOs: false,
      keyIds: [],
      onSpotDiscontinue: 'keep_detached',
      instanceId: null,
      ...order,
      id: this.#world.random.uuid(),
      createdAt: this.#world.clock.now(),
      gone: false,
    };
    this.#volumes.set(volume.id, volume);
    const { id, name } = volume;
    this.#world.ledger.open('volumes', { vendor: 'verda', id, name, pricePerHour: hourlyPrice(volume) });
    return volume;
  }

  resize(volume: Volume, size: number): void {
    volume.size = size;
    this.#world.ledger.reprice('volumes', 'verda', volume.id, hourlyPrice(volume));
  }

  moveToTrash(volume: Volume): void {
    volume.deletedAt ??= this.#world.clock.now();
    volume.instanceId = null;
    this.#world.ledger.close('volumes', 'verda', volume.id);
    this.#world.clock.after(trashHours * 3_600_000, () => this.#expire(volume));
  }

  restore(volume: Volume): void {
    delete volume.deletedAt;
    this.#world.ledger.reopen('volumes', 'verda', volume.id);
  }

  deletePermanently(volume: Volume): void {
    volume.deletedAt ??= this.#world.clock.now();
    volume.instanceId = null;
    volume.gone = true;
    this.#world.ledger.close('volumes', 'verda', volume.id);
  }

  #expire(volume: Volume): void {
    const age = this.#world.clock.now() - (volume.deletedAt ?? Number.POSITIVE_INFINITY);
    if (age >= trashHours * 3_600_000) volume.gone = true;
  }
}

/** US dollars an hour. */
export function hourlyPrice(volume: Pick<Volume, 'size' | 'type'>): number {
  return monthlyPrice(volume) / hoursPerMonth;
}

/** US dollars a month. */
export function monthlyPrice({ size, type }: Pick<Volume, 'size' | 'type'>): number {
  return size * (volumePrices[type] ?? 0);
}
