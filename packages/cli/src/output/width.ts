import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';

/** Returns the number of columns that text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(stripVTControlCharacters(text));
}

/** Returns text without colors that is cut to a number of columns, with an ellipsis at the end if something is cut. */
export function truncated(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  for (const character of stripVTControlCharacters(text)) {
    if (widthOf(cut) + widthOf(character) > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/**
 * Wraps text between words. All lines but the first begin with as many spaces as there are columns before the first one. Only beside
 * other columns is a long word cut: elsewhere it may be a command or path to copy.
 * @param columns Width of the terminal. Default: nothing is wrapped.
 */
export function wrapped(text: string, before = 0, columns = Number.POSITIVE_INFINITY): string {
  const fit = (line: string) => wrapAnsi(line, columns - before, { trim: false, hard: before > 0 }).split(/ ?\n ?/);
  return text
    .split('\n')
    .flatMap(fit)
    .join(`\n${' '.repeat(before)}`);
}
