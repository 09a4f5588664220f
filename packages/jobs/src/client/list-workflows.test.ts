import { expect, it } from 'vitest';
import { concurrently } from './list-workflows.ts';

async function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield number;
}

it.each([0, 1, 20, 45])(
  'concurrently keeps the order of %d entries, and completes at most 20 at the same time',
  async (count) => {
    let open = 0;
    let most = 0;
    const completed: number[] = [];
    const complete = async (number: number) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return number;
    };
    for await (const number of concurrently(numbers(count), complete)) completed.push(number);
    expect(completed).toEqual(Array.from({ length: count }, (_, number) => number));
    expect(most).toBe(Math.min(count, 20));
  },
);
