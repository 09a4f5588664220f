import type { World } from '../world.ts';
import type { InstanceType } from './catalog.ts';
import { errorResponse } from './errors.ts';

/** US dollars in the account at the start. */
const startingBalance = 10_000;

/** What is free, and what is left of the money. */
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

  /** @throws ErrorResponse when there is no such type */
  type(name: string): InstanceType {
    const type = this.types.find((each) => each.name === name);
    if (type === undefined) throw errorResponse('invalid_request', 'Invalid instance type');
    return type;
  }

  free(type: InstanceType, location: string): number {
    return this.#free.get(`${type.name}@${location}`) ?? 0;
  }

  /** False when none is left. */
  take(type: InstanceType, location: string): boolean {
    const free = this.free(type, location);
    if (free > 0) this.#free.set(`${type.name}@${location}`, free - 1);
    return free > 0;
  }

  give(type: InstanceType, location: string): void {
    this.#free.set(`${type.name}@${location}`, this.free(type, location) + 1);
  }

  /** US dollars. */
  balance(): number {
    return startingBalance - this.#world.ledger.dollarsOf('verda');
  }
}
