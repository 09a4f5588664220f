import { expect, it } from 'vitest';
import { BoundedBytes } from './bounded-bytes.ts';

it('bytes are collected up to the limit, and a piece beyond it is left out as a whole', () => {
  const bytes = new BoundedBytes(5);
  expect(['ab', 'cd', 'ef', 'e', ''].map((piece) => bytes.add(Buffer.from(piece)))).toEqual([
    true,
    true,
    false,
    true,
    true,
  ]);
  expect(bytes.toString()).toBe('abcde');
});

it('bytes are copied from their pieces', () => {
  const piece = Buffer.from('abc');
  const bytes = new BoundedBytes(10);
  bytes.add(piece);
  piece.fill('x');
  expect(bytes.toString()).toBe('abc');
});

it('bytes that outgrow their buffer keep what came before', () => {
  const bytes = new BoundedBytes(10_000);
  for (let i = 0; i < 5; i += 1) expect(bytes.add(Buffer.from(String(i).repeat(1_000)))).toBe(true);
  expect(bytes.toString()).toBe([0, 1, 2, 3, 4].map((i) => String(i).repeat(1_000)).join(''));
});

it('nothing is collected above a limit of zero', () => {
  expect(new BoundedBytes(0).add(Buffer.from('a'))).toBe(false);
});
