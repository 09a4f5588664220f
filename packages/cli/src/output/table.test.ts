import { expect, test } from 'vitest';
import { table } from './table.ts';

test('table sizes columns to their widest cell, right-aligns numbers, and leaves no trailing spaces', () => {
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

test('table omits a column that is empty in every row', () => {
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
