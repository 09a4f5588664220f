import type { Stock } from '../stock.ts';
import type { World } from '../world.ts';
import type { InstanceType } from './catalog.ts';
import { errorResponse } from './errors.ts';

/** Initial balance in US dollars. */
const startingBalance = 10_000;

/** Returns the balance in US dollars. */
export function balanceOf(world: World): number {
  return startingBalance - world.ledger.dollarsOf('verda');
}

/** Returns an instance type. @throws ErrorResponse 400 when the name is unknown */
export function typeNamed(stock: Stock<InstanceType>, name: string | undefined): InstanceType {
  const type = stock.find(name);
  if (type === undefined) throw errorResponse('invalid_request', 'Invalid instance type');
  return type;
}
