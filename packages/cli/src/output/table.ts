import { plain, type Style } from './style.ts';
import { truncated, widthOf, wrapped } from './width.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right' | undefined;
  /** A table that is too wide loses the columns with the lowest number first. Default: the column is always shown. */
  readonly priority?: number | undefined;
  /** Columns to which a cell may be cut if the table is too wide. Default: cells are never cut. */
  readonly shrinkTo?: number | undefined;
  /** Columns to which a cell may be cut if the table is too wide without all columns that may be left out. Default: `shrinkTo`. */
  readonly shrinkLastTo?: number | undefined;
  /** Whether cells that are too wide are wrapped instead of cut. For the last column only. Default: false. */
  readonly wraps?: boolean | undefined;
  /** Color of a cell. Default: none. */
  readonly color?: ((row: Row) => Parameters<Style>[0] | undefined) | undefined;
}

export interface TableOptions {
  /** Maximum width in columns. Default: no limit. */
  readonly columns?: number | undefined;
  /** Default: no colors. */
  readonly style?: Style | undefined;
}

const gap = 2;

/**
 * Formats rows as columns. A column is as wide as its widest cell, and is omitted when it is empty in every row. A table that is too wide has
 * cells cut, then columns left out, then cells cut that are needed whole.
 */
export function table<Row>(
  rows: readonly Row[],
  all: readonly Column<Row>[],
  { columns: maximum = Number.POSITIVE_INFINITY, style = plain }: TableOptions = {},
): string {
  const sized = all
    .map((column) => ({ column, cells: rows.map(column.value) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ column, cells }) => ({
      column,
      cells,
      width: Math.max(widthOf(column.title), ...cells.map(widthOf)),
    }));
  const fitted = fit(sized, maximum);
  const line = (texts: readonly string[], paint: (index: number, text: string) => string) =>
    fitted
      .map(({ column, width }, index) => {
        const cell = texts[index] ?? '';
        if (column.wraps) return paint(index, wrapped(cell, total(fitted.slice(0, -1)) + gap, maximum));
        const text = truncated(cell, width);
        const padding = ' '.repeat(width - widthOf(text));
        const painted = paint(index, text);
        return column.align === 'right' ? padding + painted : painted + padding;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  const header = line(
    fitted.map(({ column }) => column.title),
    (_index, text) => style('dim', text),
  );
  const body = rows.map((row, at) =>
    line(
      fitted.map(({ cells }) => cells[at] ?? ''),
      (index, text) => {
        const color = fitted[index]?.column.color?.(row);
        return color === undefined || text === '' ? text : style(color, text);
      },
    ),
  );
  return [header, ...body].join('\n');
}

interface Sized<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly width: number;
}

function fit<Row>(sized: readonly Sized<Row>[], maximum: number): readonly Sized<Row>[] {
  const cut = shrunk(sized, maximum, ({ shrinkTo }) => shrinkTo);
  if (total(cut) <= maximum) return cut;
  const expendable = sized.filter(({ column }) => column.priority !== undefined);
  const [first] = expendable.toSorted((a, b) => (a.column.priority ?? 0) - (b.column.priority ?? 0));
  if (first === undefined) return shrunk(sized, maximum, ({ shrinkTo, shrinkLastTo = shrinkTo }) => shrinkLastTo);
  return fit(
    sized.filter((one) => one !== first),
    maximum,
  );
}

/** Cuts columns down to their least width if necessary. The first ones get the space that is left. */
function shrunk<Row>(
  sized: readonly Sized<Row>[],
  maximum: number,
  leastOf: (column: Column<Row>) => number | undefined,
): readonly Sized<Row>[] {
  const least = sized.map(({ column, width }) => Math.min(width, leastOf(column) ?? width));
  let spare = Math.max(0, maximum - least.reduce((sum, width) => sum + width, gaps(sized.length)));
  return sized.map((one, index) => {
    const from = least[index] ?? 0;
    const width = Math.min(one.width, from + spare);
    spare -= width - from;
    return { ...one, width };
  });
}

function total<Row>(sized: readonly Sized<Row>[]): number {
  return sized.reduce((sum, { width }) => sum + width, gaps(sized.length));
}

function gaps(columns: number): number {
  return gap * Math.max(0, columns - 1);
}
