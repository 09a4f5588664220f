import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns are as wide as their widest cell, numbers to the right, and nothing trails', () => {
  const rows = [
    { name: 'a', price: '0.5' },
    { name: 'long name', price: '12.25' },
  ];
  expect(
    table(rows, [
      { title: 'NAME', value: (row) => row.name },
      { title: 'PRICE', value: (row) => row.price, align: 'right' },
    ]),
  ).toBe('NAME       PRICE\na            0.5\nlong name  12.25');
});

test('a column that no row fills is left out', () => {
  expect(
    table(
      [{ name: 'a' }],
      [
        { title: 'NAME', value: (row) => row.name },
        { title: 'NOTE', value: () => '' },
      ],
    ),
  ).toBe('NAME\na');
});
