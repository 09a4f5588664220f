const lineWidth = 160;

/** Returns a Markdown table. Escapes characters that would end a cell or a row. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Returns a Markdown table whose columns are aligned, as the formatter wants it in a README. For short cells. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((cells) => cells.map(cell));
  const widths = head.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const [first = [], ...others] = all;
  return [first, rule, ...others]
    .map((cells) => `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`)
    .join('\n');
}

/**
 * Returns a list item whose lines are at most 160 characters long. A longer word, such as a JSONPath, gets a line of
 * its own.
 * @param depth 0 for an item of the outermost list
 */
export function listItem(text: string, depth = 0): string {
  const indent = '  '.repeat(depth);
  const lines: string[] = [];
  let line = `${indent}-`;
  for (const word of text.split(/\s+/)) {
    if (line.length + 1 + word.length > lineWidth && !opensBlock(word)) {
      lines.push(line);
      line = `${indent} `;
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Whether Markdown would read the word as a list, heading, quotation, or table at the start of a line. */
function opensBlock(word: string): boolean {
  return /^([-+*>|]|#+|=+|\d+[.)])$|^[>|]/.test(word);
}

function cell(text: string): string {
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .trim();
}
