import type { Simulators } from './simulators.ts';

/**
 * Checks that no instance, key, volume, or job deployment exists any more, for example after each of your tests.
 * @throws Error that names what is left and its price
 */
export function expectNothingLeft(simulators: Pick<Simulators, 'ledger'>): void {
  const { instances, keys, volumes, jobDeployments } = simulators.ledger();
  const left = Object.entries({ instance: instances, volume: volumes, 'job deployment': jobDeployments, key: keys })
    .flatMap(([what, items]) => items.map((item) => ({ what, ...item })))
    .filter(({ goneAt }) => goneAt === undefined)
    .map((item) => `${item.vendor} ${item.what} "${item.name}" (${item.id})${priceIn(item)}`);
  if (left.length > 0) throw new Error(`Still there: ${left.join(', ')}.`);
}

function priceIn(item: object): string {
  return 'pricePerHour' in item && typeof item.pricePerHour === 'number' ? `, $${item.pricePerHour} per hour` : '';
}
