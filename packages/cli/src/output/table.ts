export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right' | undefined;
}

/** Formats rows as columns. A column is as wide as its widest cell, and is omitted when it is empty in every row. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const filled = columns.filter((column) => rows.some((row) => column.value(row) !== ''));
  const cells = [filled.map((column) => column.title), ...rows.map((row) => filled.map((column) => column.value(row)))];
  const widths = filled.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return filled[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}
