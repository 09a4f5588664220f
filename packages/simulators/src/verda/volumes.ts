import type { World } from '../world.ts';
import { hoursPerMonth, volumePrices } from './catalog.ts';
import { errorResponse } from './errors.ts';

/** What happens to a volume when its spot instance is discontinued. */
export type SpotPolicy = 'keep_detached' | 'move_to_trash' | 'delete_permanently';

/** A volume. */
export interface Volume {
  readonly id: string;
  name: string;
  /** Size in GB. */
  size: number;
  readonly type: string;
  readonly location: string;
  readonly createdAt: number;
  readonly isOs: boolean;
  readonly keyIds: readonly string[];
  /** Policy when its spot instance is preempted. */
  readonly onSpotDiscontinue: SpotPolicy;
  instanceId: string | null;
  /** Time of deletion in milliseconds since 1970. Absent while the volume is not in the trash. */
  deletedAt?: number;
  gone: boolean;
}

/** An order for a volume. */
export type NewVolume = Pick<Volume, 'name' | 'size' | 'type' | 'location'> &
  Partial<Pick<Volume, 'isOs' | 'keyIds' | 'onSpotDiscontinue' | 'instanceId'>>;

const trashHours = 96;
const volumeQuota = 100;
/** Maximum total size of all volumes in GB. */
const storageQuota = 100_000;

/**
 * The volumes of the project. Detached volumes are billed. Volumes in the trash are not, and are gone after 96 hours.
 */
export class VolumeStore {
  readonly #world: World;
  readonly #volumes = new Map<string, Volume>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Returns the volumes that are not in the trash. */
  present(): readonly Volume[] {
    return [...this.#volumes.values()].filter((volume) => volume.deletedAt === undefined);
  }

  trash(): readonly Volume[] {
    return [...this.#volumes.values()].filter((volume) => volume.deletedAt !== undefined && !volume.gone);
  }

  get(id: string): Volume | undefined {
    return this.#volumes.get(id);
  }

  /** Returns a volume, in the trash or not. @throws ErrorResponse 404 when the id is unknown */
  required(id: string): Volume {
    const volume = this.get(id);
    if (volume === undefined) throw errorResponse('not_found', 'Invalid volume id');
    return volume;
  }

  attachedTo(instanceId: string): readonly Volume[] {
    return this.present().filter((volume) => volume.instanceId === instanceId);
  }

  /** Checks whether volumes of these sizes, in GB, fit into the quota. @throws ErrorResponse 400 when they do not */
  checkQuota(sizes: readonly number[]): void {
    // Volumes in the trash count toward the quota.
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

/** Returns the price of a volume in US dollars per hour. */
export function hourlyPrice(volume: Pick<Volume, 'size' | 'type'>): number {
  return monthlyPrice(volume) / hoursPerMonth;
}

/** Returns the price of a volume in US dollars per month. */
export function monthlyPrice({ size, type }: Pick<Volume, 'size' | 'type'>): number {
  return size * (volumePrices[type] ?? 0);
}
