import type { World } from '../world.ts';
import type { InstanceType } from './catalog.ts';
import { errorResponse } from './errors.ts';

/** Initial balance in US dollars. */
const startingBalance = 10_000;

/** The free instances by type and location, and the balance of the account. */
export class Stock {
  readonly types: readonly InstanceType[];
  readonly #world: World;
  readonly #free = new Map<string, number>();

  constructor(world: World, types: readonly InstanceType[]) {
    this.#world = world;
    this.types = types;
    for (const type of types) {
      for (const [location, count] of Object.entries(type.stock)) this.#free.set(`${type.name}@${location}`, count);
    }
  }

  /** Returns an instance type. @throws ErrorResponse 400 when the name is unknown */
  type(name: string): InstanceType {
    const type = this.types.find((each) => each.name === name);
    if (type === undefined) throw errorResponse('invalid_request', 'Invalid instance type');
    return type;
  }

  free(type: InstanceType, location: string): number {
    return this.#free.get(`${type.name}@${location}`) ?? 0;
  }

  /** Takes one instance. Returns false when none is free. */
  take(type: InstanceType, location: string): boolean {
    const free = this.free(type, location);
    if (free > 0) this.#free.set(`${type.name}@${location}`, free - 1);
    return free > 0;
  }

  /** Returns one instance to the stock. */
  give(type: InstanceType, location: string): void {
    this.#free.set(`${type.name}@${location}`, this.free(type, location) + 1);
  }

  /** Returns the balance in US dollars. */
  balance(): number {
    return startingBalance - this.#world.ledger.dollarsOf('verda');
  }
}
