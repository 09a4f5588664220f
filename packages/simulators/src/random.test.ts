import { expect, it } from 'vitest';
import { createRandom } from './random.ts';

it('a random generator repeats its sequence for the same seed only', () => {
  expect(createRandom(7).uuid()).toBe(createRandom(7).uuid());
  expect(createRandom(7).uuid()).not.toBe(createRandom(8).uuid());
  expect(createRandom(7).uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('a forked random generator does not depend on calls to its origin', () => {
  const used = createRandom(7);
  used.next();
  expect(used.fork('verda').uuid()).toBe(createRandom(7).fork('verda').uuid());
  expect(used.fork('verda').uuid()).not.toBe(used.fork('gpu-ai').uuid());
});
