import { expect, it } from 'vitest';
import { createManualClock } from './clock.ts';
import { LedgerBook } from './ledger.ts';

it('the ledger bills an instance from its create call until it is gone, at each of its prices', async () => {
  const clock = createManualClock();
  const book = new LedgerBook(clock);
  book.open('instances', { vendor: 'verda', id: 'a', name: 'x', pricePerHour: 2 });
  await clock.advance(1800);
  expect(book.report().dollars).toBeCloseTo(1);
  book.reprice('instances', 'verda', 'a', 0.5);
  await clock.advance(3600);
  book.close('instances', 'verda', 'a');
  await clock.advance(3600);
  expect(book.report().dollars).toBeCloseTo(1.5);
  expect(book.report().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  expect(book.report().instances).toMatchObject([{ pricePerHour: 0.5, highestPricePerHour: 2 }]);
});

it('the ledger counts a second instance with the same name as a second create call', () => {
  const book = new LedgerBook(createManualClock());
  book.open('instances', { vendor: 'verda', id: 'a', name: 'x' });
  book.open('instances', { vendor: 'verda', id: 'b', name: 'x' });
  book.open('instances', { vendor: 'gpu-ai', id: 'c', name: 'x' });
  expect(book.report().instances.map(({ createCalls }) => createCalls)).toEqual([2, 2, 1]);
});

it('the ledger does not bill a volume while it is in the trash', async () => {
  const clock = createManualClock();
  const book = new LedgerBook(clock);
  book.open('volumes', { vendor: 'verda', id: 'v', name: 'disk', pricePerHour: 1 });
  await clock.advance(3600);
  book.close('volumes', 'verda', 'v');
  await clock.advance(3600);
  book.reopen('volumes', 'verda', 'v');
  await clock.advance(3600);
  expect(book.report().dollars).toBeCloseTo(2);
  expect(book.report().left.volumes).toBe(1);
});
