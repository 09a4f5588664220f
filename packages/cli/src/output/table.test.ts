import { expect, test } from 'vitest';
import type { Style } from './style.ts';
import { type Column, table } from './table.ts';

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

const columns: readonly Column<{ id: string; state: string; region: string; note: string }>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STATE', value: ({ state }) => state, color: () => 'green' },
  { title: 'REGION', value: ({ region }) => region, shrinkTo: 8 },
  { title: 'NOTE', value: ({ note }) => note, priority: 1 },
];
const row = { id: 'train-1a2b3c', state: 'running', region: 'Canada, Manitoba, Winnipeg', note: 'a note' };

test.each([
  [
    60,
    'ID            STATE    REGION                      NOTE\ntrain-1a2b3c  running  Canada, Manitoba, Winnipeg  a note',
  ],
  [44, 'ID            STATE    REGION         NOTE\ntrain-1a2b3c  running  Canada, Mani…  a note'],
  [33, 'ID            STATE    REGION\ntrain-1a2b3c  running  Canada, M…'],
  [10, 'ID            STATE    REGION\ntrain-1a2b3c  running  Canada,…'],
])('in %d columns, table first cuts cells, then leaves out the columns of least priority', (width, expected) => {
  expect(table([row], columns, { columns: width })).toBe(expected);
});

test('table wraps the cells of a last column that wraps, beside the others', () => {
  const wrapping = [
    { title: 'AT', value: ({ at }: { at: string }) => at, align: 'right' },
    { title: 'WHAT', value: ({ what }: { what: string }) => what, shrinkTo: 10, wraps: true },
  ] as const;
  const rows = [
    { at: '0.1s', what: 'failover from verda: no capacity' },
    { at: '12.0s', what: 'succeeded' },
  ];
  expect(table(rows, wrapping, { columns: 22 })).toBe(
    '   AT  WHAT\n 0.1s  failover from\n       verda: no\n       capacity\n12.0s  succeeded',
  );
  expect(table(rows, wrapping)).toContain('failover from verda: no capacity');
});

test('table measures wide characters and colors cells without changing their width', () => {
  const style: Style = (format, text) => `<${format}>${text}</>`;
  const rows = [{ ...row, id: '訓練', region: 'x', note: '' }];
  expect(table(rows, columns, { style })).toBe(
    '<dim>ID</>    <dim>STATE</>    <dim>REGION</>\n訓練  <green>running</>  x',
  );
});

test('table cuts a cell that is needed whole only once no column is left out any more', () => {
  const narrow: typeof columns = columns.map((column) =>
    column.title === 'ID' ? { ...column, shrinkLastTo: 6 } : { ...column, priority: column.priority ?? 2 },
  );
  expect(table([row], narrow, { columns: 33 })).toBe(
    'ID            STATE    REGION\ntrain-1a2b3c  running  Canada, M…',
  );
  expect(table([row], narrow.slice(0, 2), { columns: 12 })).toBe('ID\ntrain-1a2b3c');
  expect(table([row], narrow.slice(0, 2), { columns: 9 })).toBe('ID\ntrain-1a…');
  expect(table([row], narrow.slice(0, 2), { columns: 3 })).toBe('ID\ntrain…');
});
