import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LeaseQueue } from './lease-queue.ts';

const user = (run: string, execution = 'first') => ({ run, execution });
const shares = (queue: LeaseQueue) => queue.uses.map(({ run, state, share }) => [run, state, share?.gpus]);

it('runs that want all GPUs get them one after the other, in the order in which they came', () => {
  const queue = new LeaseQueue(2);
  for (const run of ['a', 'b', 'c']) expect(queue.add(user(run))).toBeUndefined();
  queue.grant();
  expect(shares(queue)).toEqual([
    ['a', 'granted', [0, 1]],
    ['b', 'waiting', undefined],
    ['c', 'waiting', undefined],
  ]);
  expect(queue.behind(user('c'))).toEqual(['a', 'b']);
  queue.leave(user('a'));
  queue.grant();
  expect(queue.uses[1]?.state).toBe('waiting');
  queue.evicted(user('a'));
  queue.grant();
  expect(shares(queue)).toEqual([
    ['b', 'granted', [0, 1]],
    ['c', 'waiting', undefined],
  ]);
});

it('runs that want some GPUs get different ones, and a large one is not overtaken', () => {
  const queue = new LeaseQueue(8);
  for (const [run, gpus] of [
    ['a', 2],
    ['b', 4],
    ['large', 8],
    ['small', 1],
  ] as const)
    queue.add({ ...user(run), gpus });
  queue.grant();
  expect(shares(queue).slice(0, 2)).toEqual([
    ['a', 'granted', [0, 1]],
    ['b', 'granted', [2, 3, 4, 5]],
  ]);
  expect(queue.behind(user('small'))).toEqual(['a', 'b', 'large']);
  expect(queue.uses.slice(2).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
});

it('a run that leaves while it waits frees its place, and one that is not there changes nothing', () => {
  const queue = new LeaseQueue(1);
  for (const run of ['a', 'b', 'c']) queue.add(user(run));
  queue.grant();
  queue.leave(user('b'));
  queue.leave(user('a', 'another'));
  queue.evicted(user('a'));
  expect(shares(queue)).toEqual([
    ['a', 'granted', [0]],
    ['c', 'waiting', undefined],
  ]);
});

it('a run that was reset waits until its earlier execution is evicted, and gets another folder', () => {
  const queue = new LeaseQueue(1);
  queue.add(user('a'));
  queue.grant();
  const [before] = queue.uses;
  queue.add(user('a', 'second'));
  queue.grant();
  expect(shares(queue)).toEqual([
    ['a', 'leaving', [0]],
    ['a', 'waiting', undefined],
  ]);
  queue.evicted(user('a'));
  queue.grant();
  expect(queue.uses).toMatchObject([{ execution: 'second', state: 'granted' }]);
  expect([before?.share?.folder, queue.uses[0]?.share?.folder]).toEqual(['run-1-a', 'run-2-a']);
});

it('a repeated request changes nothing, and one for more GPUs than there are is refused', () => {
  const queue = new LeaseQueue(2);
  queue.add(user('a'));
  expect(queue.add(user('a'))).toBeUndefined();
  expect(queue.uses).toHaveLength(1);
  for (const gpus of [0, 3, 1.5, Number.NaN])
    expect(queue.add({ ...user('b'), gpus })).toBe(`The lease has 2 GPUs, and the run wants ${gpus}.`);
});

it('a repeated request keeps the place of a run that waits, and the GPUs of one that uses them', () => {
  const queue = new LeaseQueue(1);
  for (const run of ['a', 'b', 'c']) queue.add(user(run));
  queue.grant();
  for (const run of ['a', 'b']) expect(queue.add(user(run))).toBeUndefined();
  queue.grant();
  expect(shares(queue)).toEqual([
    ['a', 'granted', [0]],
    ['b', 'waiting', undefined],
    ['c', 'waiting', undefined],
  ]);
});

it('at most 50 runs wait for a lease', () => {
  const queue = new LeaseQueue(1);
  for (let index = 0; index < 50; index += 1) expect(queue.add(user(`run-${index}`))).toBeUndefined();
  expect(queue.add(user('one-more'))).toBe('50 runs wait for the lease already.');
});

it('a folder has the name of the run, whatever is in it', () => {
  const queue = new LeaseQueue(1);
  queue.add(user(`../é ${'x'.repeat(200)}`));
  queue.grant();
  expect(queue.uses[0]?.share?.folder).toMatch(/^run-1-[a-zA-Z0-9_-]{1,60}$/);
});

it('the name of a folder has the first 60 characters of the run, and nothing but letters, digits, and hyphens of it', () => {
  const queue = new LeaseQueue(1);
  queue.add(user(`a.b_c-${'x'.repeat(100)}`));
  queue.grant();
  expect(queue.uses[0]?.share?.folder).toBe(`run-1-a_b_c-${'x'.repeat(54)}`);
});

it('only runs that wait count to the 50 that may', () => {
  const queue = new LeaseQueue(1);
  queue.add(user('user'));
  queue.grant();
  for (let index = 0; index < 50; index += 1) expect(queue.add(user(`run-${index}`))).toBeUndefined();
  expect(queue.add(user('one-more'))).toBe('50 runs wait for the lease already.');
});

it('the queue can grant GPUs when enough are free for the next run', () => {
  const queue = new LeaseQueue(4);
  expect(queue.canGrant).toBe(false);
  queue.add({ ...user('a'), gpus: 3 });
  expect(queue.canGrant).toBe(true);
  queue.grant();
  expect(queue.canGrant).toBe(false);
  queue.add({ ...user('b'), gpus: 2 });
  expect(queue.canGrant).toBe(false);
});

it('a run that uses its GPUs keeps them until it has left, and is evicted only then', () => {
  const queue = new LeaseQueue(1);
  queue.add(user('a'));
  queue.evicted(user('a'));
  expect(shares(queue)).toEqual([['a', 'waiting', undefined]]);
  queue.grant();
  queue.evicted(user('a'));
  expect(shares(queue)).toEqual([['a', 'granted', [0]]]);
  queue.leave(user('a'));
  queue.leave(user('a'));
  expect(shares(queue)).toEqual([['a', 'leaving', [0]]]);
});

it('a run that was reset while it waited waits once, behind the others', () => {
  const queue = new LeaseQueue(1);
  for (const run of ['a', 'b', 'c']) queue.add(user(run));
  queue.add(user('b', 'second'));
  expect(queue.uses.map(({ run, execution }) => [run, execution])).toEqual([
    ['a', 'first'],
    ['c', 'first'],
    ['b', 'second'],
  ]);
});

it('a run that is not in the queue waits for nobody', () => {
  const queue = new LeaseQueue(1);
  for (const run of ['a', 'b']) queue.add(user(run));
  expect([queue.behind(user('c')), queue.behind(user('a')), queue.behind(user('b', 'second'))]).toEqual([[], [], []]);
});

it('no GPU is given to two runs at the same time, and each run gets its turn', () => {
  const move = fc.record({
    what: fc.constantFrom('add', 'leave', 'evict'),
    run: fc.nat(5),
    gpus: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const queue = new LeaseQueue(4);
      for (const { what, run, gpus } of moves) {
        if (what === 'add') queue.add({ ...user(`r${run}`), gpus });
        if (what === 'leave') queue.leave(user(`r${run}`));
        if (what === 'evict') queue.evicted(user(`r${run}`));
        queue.grant();
        const taken = queue.uses.flatMap(({ share }) => share?.gpus ?? []);
        expect(new Set(taken).size).toBe(taken.length);
      }
      while (queue.uses.length > 0) {
        const before = queue.uses.length;
        for (const use of queue.uses.filter(({ state }) => state !== 'waiting')) {
          queue.leave(use);
          queue.evicted(use);
        }
        queue.grant();
        expect(queue.uses.length).toBeLessThan(before);
      }
    }),
  );
});
