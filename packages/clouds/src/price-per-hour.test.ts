import { expect, it } from 'vitest';
import { orderFrom } from '../test/offer.ts';
import type { Offer } from './cloud.ts';
import { positive, priceOf, roundedPrice } from './price-per-hour.ts';
import { orderedPricePerHour } from './rank-offers.ts';

const offer = (given: Partial<Offer>) => orderFrom('verda', {}, given).offer;

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, 'free', {}, true, [3]])(
  '%j is no price',
  (reported) => {
    expect(priceOf(reported)).toBeUndefined();
  },
);

it('a price is a positive number, or one in a text', () => {
  expect([priceOf(0.001), priceOf('2.5')]).toEqual([0.001, 2.5]);
});

it('a text is no positive number', () => {
  expect([positive('2.5'), positive(2.5)]).toEqual([undefined, 2.5]);
});

it('a price is rounded to a ten-thousandth of a cent', () => {
  expect([roundedPrice(0.1 + 0.2), roundedPrice(0.00000149), roundedPrice(0.0000015)]).toEqual([
    0.3, 0.000001, 0.000002,
  ]);
});

it('an order costs what its disk has above the offer', () => {
  const growth = { storage: { max: 1000, pricePerHour: 0.01 } };
  const priced = offer({ pricePerHour: 2, storage: 100, growth });
  expect([undefined, 50, 100, 150].map((storage) => orderedPricePerHour(priced, storage))).toEqual([2, 2, 2, 2.5]);
  expect(orderedPricePerHour(offer({ pricePerHour: 2, storage: undefined, growth }), 50)).toBe(2.5);
  expect(orderedPricePerHour(offer({ pricePerHour: 2, growth: {} }), 5000)).toBe(2);
});
