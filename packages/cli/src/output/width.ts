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
 * Wraps text between words. The rest of a line begins below its first word, or below what follows a dash. Only beside other columns is a
 * long word cut: elsewhere it may be a command or path to copy.
 * @param before Columns before the text. All lines but the first begin with as many spaces.
 * @param columns Width of the terminal. Default: nothing is wrapped.
 */
export function wrapped(text: string, before = 0, columns = Number.POSITIVE_INFINITY): string {
  const lines = text.split('\n').flatMap((line) => {
    const [start = ''] = /^ *(?:- )?/.exec(line) ?? [];
    const width = columns - before - start.length;
    const [first = '', ...rest] = wrapAnsi(line.slice(start.length), width, { trim: false, hard: before > 0 }).split(
      / ?\n ?/,
    );
    return [start + first, ...rest.map((one) => ' '.repeat(start.length) + one)];
  });
  return lines.join(`\n${' '.repeat(before)}`);
}
