import { expect, it } from 'vitest';
import { mostSimilar } from './most-similar.ts';

const names = ['list', 'show', 'extend', 'release'];

it.each([
  ['lsit', 'list'],
  ['Shwo', 'show'],
  ['relaese', 'release'],
  ['extends', 'extend'],
])('mostSimilar finds for the typo %s the name %s', (wanted, name) => {
  expect(mostSimilar(wanted, names)).toBe(name);
});

it.each(['', 'x', 'ls', 'job', 'destroy'])('mostSimilar finds nothing that resembles %j', (wanted) => {
  expect(mostSimilar(wanted, names)).toBeUndefined();
});

it('mostSimilar takes the closest name, and of equally close ones the first', () => {
  expect(mostSimilar('H1000', ['H2000', 'H100', 'H1001'])).toBe('H2000');
  expect(mostSimilar('A1000', ['H2000', 'H100', 'A100'])).toBe('A100');
});
